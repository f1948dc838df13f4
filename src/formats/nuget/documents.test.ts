import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PackageView, ViewVersion } from '../../registry/view.ts'
import { addressesBelow } from './addresses.ts'
import { renderVersionList } from './documents.ts'
import { parsePackage } from './names.ts'
import { renderRegistration, renderRegistrationLeaf, renderRegistrationPage } from './registrations.ts'
import { compareVersions } from './versions.ts'

const at = addressesBelow('https://packages.example/nuget/d/acme-111122223333/team/')
const of = { at, hive: 'SemVer 2' } as const

function viewOf(versions: readonly (Partial<ViewVersion> & { readonly version: string })[]): PackageView {
  return {
    name: parsePackage('Acme.Widgets'),
    versions: versions
      .map(
        (version): ViewVersion => ({
          status: 'Published',
          publishedAt: Date.UTC(2024, 1, 2),
          document: { id: 'Acme.Widgets', version: version.version },
          origin: { type: 'INTERNAL', entryPoint: 'team' },
          holder: 'own',
          assets: [],
          ...version,
        }),
      )
      .sort((left, right) => compareVersions(left.version, right.version)),
    tags: new Map(),
    changedAt: 0,
    restrictions: undefined,
    upstreamDocument: undefined,
    upstreamDocuments: [],
    notes: new Map(),
    isStale: false,
  }
}

interface Page {
  readonly '@id': string
  readonly count: number
  readonly lower: string
  readonly upper: string
  readonly items?: readonly { readonly catalogEntry: Readonly<Record<string, unknown>> }[]
}

function pagesOf(view: PackageView): readonly Page[] {
  return (JSON.parse(String(renderRegistration(view, of).body)) as { items: readonly Page[] }).items
}

test('whatever the versions are, each stands on one page, and pages are found where they are said to be', () => {
  const count = fc.constantFrom(1, 2, 63, 64, 65, 127, 128, 129, 300)
  fc.assert(
    fc.property(count, (versions) => {
      const view = viewOf(Array.from({ length: versions }, (_, i) => ({ version: `1.${i}.0` })))
      const found = pagesOf(view).flatMap((page) => {
        assert.equal(page.items === undefined, versions > 127)
        const { lower, upper } = page
        const apart = JSON.parse(String(renderRegistrationPage(view, of, { lower, upper }).body)) as Page
        assert.equal(apart['@id'], page['@id'])
        assert.equal(apart.items?.length, page.count)
        return apart.items.map(({ catalogEntry }) => catalogEntry['version'])
      })
      assert.deepEqual(
        found,
        view.versions.map(({ version }) => version),
      )
    }),
    { numRuns: 20 },
  )
})

test('only what can be downloaded is told, and what is not listed is marked', () => {
  const view = viewOf([
    { version: '1.0.0' },
    { version: '1.1.0', status: 'Unlisted' },
    { version: '1.2.0', status: 'Archived' },
    { version: '1.3.0', status: 'Unfinished' },
    { version: '1.4.0', document: { id: 'ACME.widgets', version: '1.4.0+x', isUnlisted: true } },
  ])
  const entries = pagesOf(view)[0]?.items?.map(({ catalogEntry }) => catalogEntry) ?? []
  assert.deepEqual(
    entries.map(({ version, listed }) => [version, listed]),
    [
      ['1.0.0', true],
      ['1.1.0', false],
      ['1.4.0+x', false],
    ],
  )
  assert.equal(renderVersionList(view).body, '{"versions":["1.0.0","1.1.0","1.4.0"]}')
  assert.throws(() => renderRegistrationLeaf(view, of, '1.2.0'), { kind: 'missing' })
  assert.throws(() => renderVersionList(viewOf([{ version: '1.0.0', status: 'Disposed' }])), { kind: 'missing' })
})

test('whatever is stored of a version, its registration holds what strict readers want', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (document, iconUrl) => {
      const stored = [
        { version: '1.0.0', document },
        { version: '1.1.0', document: { iconUrl, projectUrl: iconUrl } },
      ]
      for (const { catalogEntry: entry } of pagesOf(viewOf(stored)).flatMap(({ items = [] }) => items)) {
        for (const field of ['iconUrl', 'licenseUrl', 'projectUrl']) {
          const url = entry[field]
          assert.ok(url === '' || (typeof url === 'string' && URL.canParse(url)), `${field}: ${String(url)}`)
        }
        assert.equal(typeof entry['listed'], 'boolean')
        assert.ok(String(entry['version']).length > 0)
        assert.match(String(entry['published']), /^2024-02-02T00:00:00\.000\+00:00$/)
      }
    }),
  )
})
