// Town → villages → cells as a tree, and what of it is on the screen: shared by the tree, its keys and its search.
import type { Area } from '@/shared/api/types'

export interface TreeNode {
  code: string
  name: string
  level: Area['level']
  /** A dedicated cell (a school, a hospital): drawn with its own mark. */
  dedicated: boolean
  children: TreeNode[]
}
export interface TreeRow {
  node: TreeNode
  depth: number
  expanded: boolean
  position: number
  siblings: number
  parent: string | null
}

function nodeOf(area: Area): TreeNode {
  return { code: area.code, name: area.name, level: area.level, dedicated: area.level === 'cell' && area.kind === 'dedicated', children: [] }
}

/** Whatever has no parent among the given areas is a root: a village officer's tree begins with the village. */
export function buildTree(areas: readonly Area[]): TreeNode[] {
  const nodes = new Map(areas.map((area) => [area.code, nodeOf(area)]))
  const roots: TreeNode[] = []
  for (const area of [...areas].sort((one, other) => one.code.localeCompare(other.code))) {
    const siblings = (area.parent && nodes.get(area.parent)?.children) || roots
    siblings.push(nodes.get(area.code)!)
  }
  return roots
}

/** Only what matches by name or code, with the way to it; a village that matches keeps its cells. */
export function filterTree(nodes: readonly TreeNode[], words: string): TreeNode[] {
  const wanted = words.trim().toLowerCase()
  if (!wanted) return [...nodes]
  return nodes.flatMap((node) => {
    if (`${node.name} ${node.code}`.toLowerCase().includes(wanted)) return [matched(node, wanted)]
    const children = filterTree(node.children, wanted)
    return children.length ? [{ ...node, children }] : []
  })
}

// A code matches its whole subtree by its beginning; then the deeper matches say more than the whole.
function matched(node: TreeNode, wanted: string): TreeNode {
  const children = filterTree(node.children, wanted)
  return children.length ? { ...node, children } : node
}

export function visibleRows(nodes: readonly TreeNode[], open: ReadonlySet<string>, depth = 1, parent: string | null = null): TreeRow[] {
  return nodes.flatMap((node, index) => {
    const expanded = node.children.length > 0 && open.has(node.code)
    const row: TreeRow = { node, depth, expanded, position: index + 1, siblings: nodes.length, parent }
    return expanded ? [row, ...visibleRows(node.children, open, depth + 1, node.code)] : [row]
  })
}

export function branchCodes(nodes: readonly TreeNode[]): string[] {
  return nodes.flatMap((node) => (node.children.length ? [node.code, ...branchCodes(node.children)] : []))
}

/** The codes above an area: 9 and 12 digits of a cell's 15. */
export function ancestorsOf(code: string): string[] {
  return [6, 9, 12].filter((digits) => digits < code.length).map((digits) => code.slice(0, digits))
}

export interface Step {
  focus?: string
  open?: string
  close?: string
}

const TO: Record<string, (index: number, count: number) => number> = {
  ArrowDown: (index) => index + 1,
  ArrowUp: (index) => index - 1,
  Home: () => 0,
  End: (_index, count) => count - 1,
}

/** Where the arrow keys lead, as WAI-ARIA asks of a tree; nothing for every other key. */
export function stepFrom(rows: readonly TreeRow[], at: string, key: string): Step {
  const index = rows.findIndex((row) => row.node.code === at)
  const row = rows[index]
  if (!row) return {}
  const to = TO[key]
  return to ? { focus: rows[to(index, rows.length)]?.node.code } : sideStep(row, key)
}

function sideStep(row: TreeRow, key: string): Step {
  if (key === 'ArrowRight') {
    if (!row.node.children.length) return {}
    return row.expanded ? { focus: row.node.children[0]!.code } : { open: row.node.code }
  }
  if (key !== 'ArrowLeft') return {}
  return row.expanded ? { close: row.node.code } : { focus: row.parent ?? undefined }
}
