import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { domainPage, settle, skipWithoutChromium, startConsole } from '../support/console-stage.ts'

/** Every way in that a README is known to have tried. */
const readme = `# Trap <script>window.owned = 'script'</script>

<img src=x onerror="window.owned = 'image'"> <svg onload="window.owned = 'svg'"><a xlink:href="javascript:window.owned=1">x</a></svg>
<iframe srcdoc="<script>parent.owned = 'frame'</script>"></iframe> <object data="data:text/html,<script>1</script>"></object>
[a link](javascript:window.owned='markdown') <a href="&#106;avascript:window.owned='entity'" id="console">another</a>
![picture](https://elsewhere.example/pixel.png "tells who reads") <style>body { display: none }</style>
<form action="https://elsewhere.example/"><input name="password"><button>Sign in again</button></form>
<base href="https://elsewhere.example/"><meta http-equiv="refresh" content="0; url=https://elsewhere.example/">
[to the console](/packyard/v1/session) <div style="position:fixed;inset:0">overlay</div> <details open ontoggle="window.owned=1">d</details>

The end of what can be read.

<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.owned=1&gt;">
`

test('a package that attacks whoever looks at it runs nothing and loads nothing', {
  skip: skipWithoutChromium,
}, async (t) => {
  const stage = await startConsole(t)
  await stage.publish({
    name: 'trap',
    version: '1.0.0',
    dependencies: { '"><img src=x onerror=window.owned=1>': '1', tiny: '"><script>window.owned=1</script>' },
    files: { 'README.md': readme, 'page.html': '<script>window.owned = 1</script>' },
    manifest: {
      description: '<img src=x onerror="window.owned = 1">',
      homepage: "javascript:window.owned='home page'",
      repository: { type: 'git', url: 'javascript:alert(1)//https://example.com' },
      license: '<script>window.owned=1</script>',
      readme,
    },
  })
  const page = await stage.open('/console/domains')
  const outside: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(stage.url) && !request.url().startsWith('data:')) outside.push(request.url())
  })
  const versionPage = `${domainPage}/repositories/main/packages/npm/trap/versions/1.0.0`

  await t.test('its README is words and links that lead out in a new tab', async () => {
    await page.goto(versionPage)
    await page.getByText('The end of what can be read.').waitFor()
    const shown = page.locator('.readme')
    assert.equal(await shown.locator('script, style, iframe, object, form, input, img, svg, base, meta').count(), 0)
    const links = await shown.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href')))
    assert.deepEqual(
      links.filter((href) => href !== null && !href.startsWith('https://')),
      [],
    )
    assert.equal(await shown.locator('[style], [id], [onerror], [ontoggle]').count(), 0)
  })

  await t.test('what it says of itself is text', async () => {
    for (const tab of ['readme', 'assets', 'dependencies', 'history']) {
      await page.goto(`${versionPage}?tab=${tab}`)
      await settle(page)
      const links = await page
        .locator('a[href]')
        .evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))
      assert.deepEqual(
        links.filter((href) => !/^(?:https?:\/\/|\/|#|mailto:)/.test(href)),
        [],
        tab,
      )
    }
  })

  await t.test('nothing of it ran, and nothing was asked of anybody else', async () => {
    assert.equal(await page.evaluate<unknown>('window.owned'), undefined)
    assert.deepEqual(outside, [])
    assert.equal(new URL(page.url()).origin, stage.url)
  })

  await t.test('an asset that is a page is saved, not shown', async () => {
    const answer = await assetAnswer(page)
    assert.match(answer['content-disposition'] ?? '', /^attachment/)
    assert.equal(answer['x-content-type-options'], 'nosniff')
  })
})

async function assetAnswer(page: Page): Promise<Record<string, string>> {
  const query = 'domain=packyard&repository=main&format=npm&package=trap&packageVersion=1.0.0&asset=package.tgz'
  return page.evaluate<Record<string, string>>(
    `fetch('/packyard/v1/packages/asset?${query}').then((answer) => Object.fromEntries(answer.headers))`,
  )
}
