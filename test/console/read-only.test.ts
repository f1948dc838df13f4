import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { domainPage, settle, skipWithoutChromium, startConsole } from '../support/console-stage.ts'
import { createApiUser } from '../support/packyard-api.ts'

const readOnly = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['codeartifact:Describe*', 'codeartifact:Get*', 'codeartifact:List*', 'codeartifact:ReadFromRepository'],
      Resource: '*',
    },
    {
      Effect: 'Allow',
      Action: ['packyard:Get*', 'packyard:List*', 'packyard:Search*', 'cloudtrail:LookupEvents'],
      Resource: '*',
    },
  ],
})

/** What changes something, by the words on its button. */
const changing = /^(?:Create|Delete|Save|Add|Edit|Copy|Dispose|Change|Connect|Remove|Allow|Revoke|Ask)\b/

test('who may only read sees everything, and every button that is not for them says so', {
  skip: skipWithoutChromium,
}, async (t) => {
  const stage = await startConsole(t)
  await stage.publish({ name: 'tiny', version: '1.0.0' })
  const as = await createApiUser(stage.yard, 'reader', readOnly)
  const page = await stage.open('/console/domains', { as })
  const repository = `${domainPage}/repositories/main`
  const pages = {
    domains: '/console/domains',
    domain: domainPage,
    tags: `${domainPage}?tab=tags`,
    groups: `${domainPage}?tab=groups`,
    policy: `${domainPage}?tab=policy`,
    repository,
    upstreams: `${repository}?tab=upstreams`,
    connections: `${repository}?tab=connections`,
    package: `${repository}/packages/npm/tiny`,
    origin: `${repository}/packages/npm/tiny?tab=origin`,
    version: `${repository}/packages/npm/tiny/versions/1.0.0`,
  }
  for (const [name, path] of Object.entries(pages)) {
    await t.test(`on the page ${name}`, async () => {
      await page.goto(path)
      await settle(page)
      assert.deepEqual(await usableButtons(page), [])
      assert.equal(await page.getByText('cannot be shown').count(), 0, 'what is shown may be read')
    })
  }

  await t.test('a button says which permission it needs', async () => {
    await page.goto(repository)
    const button = page.getByRole('button', { name: 'Delete', exact: true })
    await button.hover()
    await page.getByText('codeartifact:DeleteRepository').filter({ visible: true }).waitFor()
  })
})

/** Copying a text changes nothing. */
async function usableButtons(page: Page): Promise<string[]> {
  const names = await page
    .getByRole('main')
    .getByRole('button')
    .evaluateAll((all) =>
      all
        .filter((button) => button.getAttribute('aria-disabled') !== 'true' && !button.hasAttribute('disabled'))
        .map((button) => button.getAttribute('aria-label') ?? button.textContent ?? ''),
    )
  return names.filter((name) => changing.test(name.trim()) && !/^Copy (?:ARN|endpoint)/.test(name.trim()))
}
