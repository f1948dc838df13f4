import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromBehind, type GraphNode, searchOrder } from './search-order.ts'

function graph(links: Record<string, readonly string[]>) {
  const nodes = new Map<string, GraphNode>()
  for (const [id, upstreamIds] of Object.entries(links)) nodes.set(id, { id, upstreamIds })
  return (start: string, options: { stopAt?: string; max?: number } = {}) =>
    searchOrder(
      nodes.get(start)!,
      (id) => nodes.get(id),
      (node) => node.id !== options.stopAt,
      options.max ?? 25,
    )
}

const held = (steps: ReturnType<ReturnType<typeof graph>>) =>
  steps.filter((step) => step.look === 'held').map((step) => step.node.id)

test('the search goes through each upstream and all behind it before the next sibling', () => {
  const search = graph({ mine: ['A', 'B'], A: ['C', 'D'], B: [], C: [], D: ['E'], E: [] })
  assert.deepEqual(held(search('mine')), ['mine', 'A', 'C', 'D', 'E', 'B'])
})

test('a repository is asked before its upstreams and its external connection after them', () => {
  const search = graph({ mine: ['A'], A: [] })
  const order = search('mine').map((step) => `${step.look} ${step.node.id}`)
  assert.deepEqual(order, ['held mine', 'held A', 'external A', 'external mine'])
})

test('a repository that is reached twice is visited at its first place', () => {
  const search = graph({ mine: ['A', 'B'], A: ['S'], B: ['S'], S: [] })
  assert.deepEqual(held(search('mine')), ['mine', 'A', 'S', 'B'])
})

test('a cycle ends', () => {
  assert.deepEqual(held(graph({ mine: ['A'], A: ['mine'] })('mine')), ['mine', 'A'])
})

test('25 upstream repositories are searched, and the rest are not', () => {
  const links: Record<string, string[]> = { u27: [] }
  for (let index = 0; index < 27; index++) links[`u${index}`] = [`u${index + 1}`]
  assert.deepEqual(held(graph(links)('u0')).at(-1), 'u25')
})

test('nothing behind a repository that goes no further is asked, its connection included', () => {
  const search = graph({ mine: ['A', 'B'], A: ['C'], B: [], C: [] })
  const order = search('mine', { stopAt: 'A' }).map((step) => `${step.look} ${step.node.id}`)
  assert.deepEqual(order, ['held mine', 'held A', 'held B', 'external B', 'external mine'])
})

test('from behind, everything behind a repository comes before it, siblings in their order', () => {
  const search = graph({ mine: ['A', 'B'], A: ['C'], B: [], C: [] })
  const order = fromBehind(search('mine')).map((step) => `${step.look} ${step.node.id}`)
  assert.deepEqual(order, [
    'external C',
    'held C',
    'external A',
    'held A',
    'external B',
    'held B',
    'external mine',
    'held mine',
  ])
})
