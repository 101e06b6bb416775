import { scrollbarProps } from 'element-plus/es/components/scrollbar/index'

/**
 * Element Plus' drop-down lists scroll inside a box that no key can reach; somebody without a mouse could not see their
 * lower half. The library has the property for it and gives its own selects no way to set it, so its default is changed.
 */
export function makeScrollingListsFocusable(): void {
  Object.assign(scrollbarProps.tabindex, { default: 0 })
}
