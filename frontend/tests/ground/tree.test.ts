import { describe, expect, it } from 'vitest'

import { ancestorsOf, branchCodes, buildTree, filterTree, stepFrom, visibleRows } from '@/center/ground/tree'
import type { Area } from '@/shared/api/types'

const TOWN = '990000100'
const EAST = `${TOWN}201`
const WEST = `${TOWN}202`

function area(code: string, name: string, more: Partial<Area> = {}): Area {
  const level = ({ 9: 'town', 12: 'village', 15: 'cell' } as const)[code.length as 9 | 12 | 15]
  const parent = code.length > 9 ? code.slice(0, -3) : null
  return { id: Number(code.slice(-3)), code, name, level, kind: 'general', parent, synthetic: true, centroid: null, geometry: null, ...more }
}
const areas = [
  area(`${WEST}001`, '西村01网格'),
  area(TOWN, '示范镇'),
  area(`${EAST}002`, '东村02网格'),
  area(`${EAST}901`, '东村小学', { kind: 'dedicated' }),
  area(EAST, '东村'),
  area(`${EAST}001`, '东村01网格'),
  area(WEST, '西村'),
]
const tree = buildTree(areas)
const names = (open: string[]) => visibleRows(tree, new Set(open)).map((row) => row.node.name)

describe('the tree of areas', () => {
  it('has the town above its villages above their cells, in the order of their codes', () => {
    expect(names([TOWN, EAST, WEST])).toEqual(['示范镇', '东村', '东村01网格', '东村02网格', '东村小学', '西村', '西村01网格'])
  })

  it('begins with the village for somebody who sees no more', () => {
    expect(buildTree(areas.filter((one) => one.code.startsWith(EAST))).map((node) => node.name)).toEqual(['东村'])
  })

  it('shows only what lies open, with level and place among its siblings', () => {
    const rows = visibleRows(tree, new Set([TOWN]))
    expect(rows.map((row) => [row.node.name, row.depth, row.position, row.siblings, row.expanded])).toEqual([
      ['示范镇', 1, 1, 1, true],
      ['东村', 2, 1, 2, false],
      ['西村', 2, 2, 2, false],
    ])
  })

  it('marks dedicated cells', () => {
    expect(tree[0]!.children[0]!.children.filter((node) => node.dedicated).map((node) => node.name)).toEqual(['东村小学'])
  })

  it('finds by name with the way to it', () => {
    const found = filterTree(tree, '小学')
    expect(visibleRows(found, new Set(branchCodes(found))).map((row) => row.node.name)).toEqual(['示范镇', '东村', '东村小学'])
  })

  it('finds by the end of a code, and everything without words', () => {
    const found = filterTree(tree, '202001')
    expect(visibleRows(found, new Set(branchCodes(found))).map((row) => row.node.name)).toEqual(['示范镇', '西村', '西村01网格'])
    expect(filterTree(tree, '  ')).toHaveLength(1)
    expect(filterTree(tree, '没有')).toEqual([])
  })

  it('keeps the cells of a village that matches by its own name', () => {
    const [town] = filterTree(buildTree([...areas, area(`${EAST}003`, '三号')]), '东村')
    expect(town!.children.map((node) => node.name)).toEqual(['东村'])
  })

  it('knows the way up from a code', () => {
    expect(ancestorsOf(`${EAST}001`)).toEqual(['990000', TOWN, EAST])
  })
})

describe('the keys of the tree', () => {
  const rows = visibleRows(tree, new Set([TOWN, EAST]))
  it.each([
    [EAST, 'ArrowDown', { focus: `${EAST}001` }],
    [EAST, 'ArrowUp', { focus: TOWN }],
    [`${EAST}001`, 'Home', { focus: TOWN }],
    [TOWN, 'End', { focus: WEST }],
    [EAST, 'ArrowRight', { focus: `${EAST}001` }],
    [WEST, 'ArrowRight', { open: WEST }],
    [EAST, 'ArrowLeft', { close: EAST }],
    [`${EAST}002`, 'ArrowLeft', { focus: EAST }],
    [`${EAST}002`, 'ArrowRight', {}],
    [EAST, 'x', {}],
  ])('from %s by %s', (at, key, step) => {
    expect(stepFrom(rows, at, key)).toEqual(step)
  })

  it('stop at the ends', () => {
    expect(stepFrom(rows, WEST, 'ArrowDown').focus).toBeUndefined()
    expect(stepFrom(rows, TOWN, 'ArrowUp').focus).toBeUndefined()
  })
})
