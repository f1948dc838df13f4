import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { type ConsoleStage, domainPage, skipWithoutChromium, startConsole } from '../support/console-stage.ts'

const widgets = {
  name: '@acme/widgets',
  dependencies: { tiny: '^1.0.0' },
  files: { 'README.md': '# Widgets\n\nOf **iron**.' },
}
const main = `${domainPage}/repositories/main`

test('everything in the catalogue can be done in the console', { skip: skipWithoutChromium }, async (t) => {
  const stage = await startConsole(t)
  await stage.publish(
    { ...widgets, version: '1.0.0' },
    { ...widgets, version: '2.0.0' },
    ...['tiny', 'left-pad', 'right-pad'].map((name) => ({ name, version: '1.3.0' })),
  )

  await t.test('who signs in arrives where they wanted to go, and who signs out is asked again', async () => {
    const page = await stage.open(`${domainPage}?tab=tags`)
    await page.getByRole('tab', { name: 'Tags', selected: true }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in to Packyard' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in to Packyard' }).waitFor()
  })

  await t.test('a wrong key is refused with a reason', async () => {
    const page = await stage.newPage()
    await page.goto('/console/')
    await page.getByLabel('Access key id').fill('AKIAIOSFODNN7EXAMPLE')
    await page.getByLabel('Secret access key').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('You are not signed in').waitFor()
  })

  await t.test('a domain is made, tagged and deleted', async () => {
    const page = await stage.open('/console/domains')
    await page.getByRole('button', { name: 'Create domain' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('second')
    await page.getByRole('dialog').getByRole('button', { name: 'Create domain' }).click()
    await page.getByText('The domain second was created').waitFor()
    await page.getByRole('link', { name: 'second' }).click()
    await page.getByRole('tab', { name: 'Tags' }).click()
    await page.getByRole('button', { name: 'Add tag' }).click()
    await page.getByRole('textbox', { name: 'Key' }).fill('team')
    await page.getByRole('textbox', { name: 'Value' }).fill('tools')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('cell', { name: 'tools' }).waitFor()
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('textbox', { name: 'Type second to confirm' }).fill('second')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('The domain second was deleted').waitFor()
    assert.deepEqual(await domainsOf(stage), ['packyard'])
  })

  await t.test('the wizard makes a repository that fetches from public registries through stores', async () => {
    const page = await stage.open(`${domainPage}/new-repository`)
    await page.getByRole('textbox', { name: 'Repository name' }).fill('team')
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('checkbox', { name: 'public:npmjs' }).check()
    await page.getByRole('checkbox', { name: 'public:maven-clojars' }).check()
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('button', { name: 'Next' }).click()
    await page.getByRole('button', { name: 'Create repository' }).click()
    await page.getByText('The repository team was created').waitFor()
    await page.getByText('Connection instructions').first().waitFor()
    const { repository } = await stage.yard.aws('codeartifact describe-repository --domain packyard --repository team')
    assert.deepEqual((repository as { upstreams: unknown }).upstreams, [
      { repositoryName: 'npm-store' },
      { repositoryName: 'clojars-store' },
    ])
  })

  await t.test('the order of upstream repositories is changed and saved', async () => {
    await stage.yard.createRepository('ordered', ['npm-store', 'pypi-store'])
    const page = await stage.open(`${domainPage}/repositories/ordered?tab=upstreams`)
    await page.getByRole('button', { name: 'Ask pypi-store earlier' }).click()
    await page.getByRole('button', { name: 'Save order' }).click()
    await page.getByText('The upstream repositories were changed').waitFor()
    const { repository } = await stage.yard.aws(
      'codeartifact describe-repository --domain packyard --repository ordered',
    )
    assert.deepEqual((repository as { upstreams: unknown }).upstreams, [
      { repositoryName: 'pypi-store' },
      { repositoryName: 'npm-store' },
    ])
  })

  await t.test('the upstream graph is a picture whose repositories are links, and a list', async () => {
    const page = await stage.open(`${domainPage}?tab=graph`)
    await page.getByRole('link', { name: 'Repository npm-store' }).waitFor()
    await page.getByRole('button', { name: 'List' }).click()
    await page.getByText('public:npmjs (external)').first().waitFor()
    await page.getByRole('main').getByRole('link', { name: 'npm-store' }).first().click()
    await page.getByRole('heading', { level: 1, name: 'npm-store' }).waitFor()
  })

  await t.test('packages are found while one types', async () => {
    const page = await stage.open(main)
    await page.getByRole('link', { name: '@acme/widgets' }).waitFor()
    await page.getByRole('searchbox', { name: 'Find packages' }).fill('pad')
    await page.getByRole('link', { name: '@acme/widgets' }).waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'left-pad' }).waitFor()
    await page.getByRole('link', { name: 'right-pad' }).waitFor()
    assert.equal(new URL(page.url()).searchParams.get('package'), 'pad', 'what is looked for stands in the address')
  })

  await t.test('a version shows its README, dependencies and assets, and an asset is saved', async () => {
    const page = await stage.open(`${main}/packages/npm/widgets/versions/2.0.0?namespace=acme`)
    await page.getByRole('heading', { level: 1, name: '@acme/widgets 2.0.0' }).waitFor()
    await page.getByText('iron').waitFor()
    await page.getByRole('tab', { name: 'Dependencies' }).click()
    await page.getByRole('link', { name: 'tiny' }).waitFor()
    await page.getByRole('tab', { name: 'Assets' }).click()
    await page.getByRole('button', { name: 'Hashes of' }).click()
    await page.getByText('SHA-512:').waitFor()
    const downloading = page.waitForEvent('download')
    await page.getByRole('link', { name: '.tgz' }).click()
    const download = await downloading
    assert.deepEqual([...(await readFile(await download.path())).subarray(0, 2)], [0x1f, 0x8b], 'a gzipped file')
  })

  await t.test('a version is unlisted, copied and deleted', async () => {
    await stage.publish({ name: 'moved', version: '1.0.0' })
    await stage.yard.createRepository('target', [])
    const page = await stage.open(`${main}/packages/npm/moved/versions/1.0.0`)
    await page.getByRole('button', { name: 'Change status' }).click()
    await page.getByRole('radio', { name: 'Unlisted' }).check()
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByText('1.0.0: changed').waitFor()
    assert.deepEqual(await stage.yard.versions('main', 'moved'), ['1.0.0 Unlisted INTERNAL'])
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByRole('dialog').getByText('Choose a repository').click()
    await page.getByRole('option', { name: 'target' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Copy' }).click()
    await page.getByText('1.0.0: copied to target').waitFor()
    assert.deepEqual(await stage.yard.versions('target', 'moved'), ['1.0.0 Unlisted INTERNAL'])
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('1.0.0: deleted').waitFor()
    assert.deepEqual(await stage.yard.versions('main', 'moved'), [])
  })

  await t.test('origin controls say what a change would mean before it is saved', async () => {
    const page = await stage.open(`${main}/packages/npm/tiny?tab=origin`)
    await page.getByText('Now: versions come from those who publish here').waitFor()
    await page.getByRole('toolbar', { name: 'Upstream' }).getByRole('button', { name: 'Allow' }).click()
    await page.getByText('When this is saved: versions may be published here and also come from upstream').waitFor()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The origin controls were changed').waitFor()
    const found = await stage.yard.aws(
      'codeartifact describe-package --domain packyard --repository main --format npm --package tiny',
    )
    assert.match(JSON.stringify(found), /"upstream":"ALLOW"/)
  })

  await t.test('a package group shows what it would match before it is made', async () => {
    const page = await stage.open(`${domainPage}?tab=groups`)
    await page.getByRole('button', { name: 'Create package group' }).click()
    await page.getByRole('textbox', { name: 'Pattern' }).fill('/npm/acme/*')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('@acme/widgets (npm)').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Create package group' }).click()
    await page.getByText('The package group /npm/acme/* was created').waitFor()
    await page.getByRole('link', { name: '/npm/acme/*' }).click()
    await page.getByRole('heading', { name: 'Package group /npm/acme/*' }).waitFor()
  })

  await t.test('connection instructions of every format are ready to copy', async () => {
    const page = await stage.open(`${main}?tab=instructions`)
    await page.getByText('aws codeartifact login --tool npm').first().waitFor()
    await page.getByRole('button', { name: 'Copy npm, Yarn 1' }).click()
    const copied = await page.evaluate<string>('navigator.clipboard.readText()')
    assert.match(copied, /^aws codeartifact login --tool npm .*--repository main/)
    for (const format of ['pypi', 'maven', 'nuget', 'ruby', 'cargo', 'swift', 'generic']) {
      await page.goto(`${main}?tab=instructions&client=${format}`)
      await page.getByText(`/${format}/d/packyard-000000000000/main/`).first().waitFor()
    }
  })
})

async function domainsOf(stage: ConsoleStage): Promise<string[]> {
  const { domains } = await stage.yard.aws('codeartifact list-domains')
  return (domains as { name: string }[]).map(({ name }) => name)
}
