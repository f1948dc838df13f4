import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { formats as offered } from '../../console/src/catalogue/formats.ts'
import { publicConnections } from '../../src/formats/connections.ts'
import { formats } from '../../src/formats/index.ts'
import { domainPage, findBarriers, keepPicture, skipWithoutChromium, startConsole } from '../support/console-stage.ts'

/** Of what is loaded before any page's code. Unit: bytes. Ours: two seconds on a slow line. */
const FIRST_VIEW_BYTES_MAX = 200_000

const repository = `${domainPage}/repositories/main`
const pages = {
  domains: '/console/domains',
  domain: domainPage,
  'domain-graph': `${domainPage}?tab=graph`,
  'domain-groups': `${domainPage}?tab=groups`,
  'domain-policy': `${domainPage}?tab=policy`,
  'domain-savings': `${domainPage}?tab=savings`,
  repository: repository,
  'repository-instructions': `${repository}?tab=instructions`,
  'repository-upstreams': `${repository}?tab=upstreams`,
  'repository-connections': `${repository}?tab=connections`,
  'new-repository': `${domainPage}/new-repository`,
  package: `${repository}/packages/npm/widgets?namespace=acme`,
  'package-origin': `${repository}/packages/npm/widgets?namespace=acme&tab=origin`,
  version: `${repository}/packages/npm/widgets/versions/1.0.0?namespace=acme`,
  'version-assets': `${repository}/packages/npm/widgets/versions/1.0.0?namespace=acme&tab=assets`,
  tokens: '/console/tokens',
  audit: '/console/audit',
  usage: '/console/usage',
  health: '/console/health',
  jobs: '/console/jobs',
  nowhere: '/console/nowhere',
}

test('every page can be read in light, dark and narrow, and with ears and hands', {
  skip: skipWithoutChromium,
}, async (t) => {
  const stage = await startConsole(t)
  await stage.publish({ name: '@acme/widgets', version: '1.0.0', dependencies: { tiny: '1' } })

  await t.test('what is loaded before any page is small', async () => {
    const page = await stage.newPage()
    const sizes = countBytes(page)
    await page.goto('/console/')
    await page.getByRole('heading', { name: 'Sign in to Packyard' }).waitFor()
    await page.evaluate('document.fonts.ready.then(() => undefined)')
    const html = await (await fetch(new URL('/console/', stage.url))).text()
    const isFirst = (path: string) => path === '/console/' || html.includes(path) || path.endsWith('.woff2')
    const first = [...(await sizes())].filter(([path]) => isFirst(path))
    const total = first.reduce((sum, [, bytes]) => sum + bytes, 0)
    t.diagnostic(`first view: ${total} bytes in ${first.length} files`)
    assert.ok(total < FIRST_VIEW_BYTES_MAX, `${total} bytes: ${JSON.stringify(first)}`)
    await keepPicture(page, 'sign-in')
    assert.deepEqual(await findBarriers(page), [])
  })

  const forms = { light: { theme: 'light' }, dark: { theme: 'dark' }, narrow: { theme: 'light', width: 390 } } as const
  for (const [form, options] of Object.entries(forms)) {
    await t.test(`in ${form}`, async () => {
      const page = await stage.open('/console/domains', options)
      const failures: string[] = []
      page.on('pageerror', (error) => failures.push(error.message))
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(path)
        await page.getByRole('navigation', { name: 'Breadcrumbs' }).waitFor()
        await keepPicture(page, `${name}-${form}`)
        if (form !== 'light') assert.ok(await fits(page), `${name} is wider than the screen`)
        const barriers = form === 'narrow' ? [] : await findBarriers(page)
        assert.deepEqual(barriers, [], name)
      }
      assert.deepEqual(failures, [])
    })
  }

  await t.test('the theme that was chosen stays', async () => {
    const page = await stage.open('/console/domains')
    await page.getByRole('button', { name: 'Dark' }).click()
    await page.reload()
    await page.getByRole('button', { name: 'Dark', pressed: true }).waitFor()
    assert.equal(await page.locator('body.awsui-dark-mode').count(), 1)
  })
})

test('the formats and public registries that the console offers are those that there are', () => {
  const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).toSorted()
  assert.deepEqual(idsOf(offered), idsOf(formats))
  const registries = offered.flatMap(({ id, connections }) => connections.map((name) => `${name} ${id}`))
  const known = [...publicConnections].map(([name, { format }]) => `${name} ${format}`)
  assert.deepEqual(registries.toSorted(), known.toSorted())
})

/** What the page loads from now on, by path: as many bytes as went over the line. */
function countBytes(page: Page): () => Promise<Map<string, number>> {
  const asked: Promise<[string, number]>[] = []
  page.on('requestfinished', (request) => {
    const size = request.sizes().then(({ responseBodySize }): [string, number] => {
      return [new URL(request.url()).pathname, responseBodySize]
    })
    asked.push(size)
  })
  return async () => new Map(await Promise.all(asked))
}

/** Whether nothing has to be scrolled sideways but what scrolls by itself. */
function fits(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth')
}
