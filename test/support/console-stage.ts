import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { NpmWire } from './npm-wire.ts'
import type { PackageInput } from './npm-package.ts'
import { firstDomain, type Packyard, startPackyard, type TestLifetime } from './packyard.ts'
import { type ApiSigner, apiSigner } from './packyard-api.ts'
import { runWell } from './processes.ts'
import { skipWithout } from './requirements.ts'
import { startUpstream } from './upstream.ts'

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium'

/** Longest wait for something to be shown. Unit: ms. Ours: for a machine that does much else. */
const SHOWN_WITHIN_MS = 60_000

const root = fileURLToPath(new URL('../..', import.meta.url))

export const skipWithoutChromium = skipWithout('Chromium', existsSync(CHROMIUM))

/** The first domain's page. */
export const domainPage = `/console/domains/000000000000/${firstDomain}`

export interface PageOptions {
  /** The administrator unless given. */
  readonly as?: ApiSigner
  readonly theme?: 'light' | 'dark'
  /** Unit: pixels. */
  readonly width?: number
}

/** A server with the built console, a browser, and packages to look at. */
export class ConsoleStage {
  readonly yard: Packyard
  readonly #browser: Browser

  constructor(yard: Packyard, browser: Browser) {
    this.yard = yard
    this.#browser = browser
  }

  get url(): string {
    return this.yard.url
  }

  /** A page of a browser of its own, in which nobody has signed in. */
  async newPage({ theme = 'light', width = 1280 }: PageOptions = {}): Promise<Page> {
    const context: BrowserContext = await this.#browser.newContext({
      baseURL: this.url,
      colorScheme: theme,
      viewport: { width, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    context.setDefaultTimeout(SHOWN_WITHIN_MS)
    return context.newPage()
  }

  /** A page at this address of somebody who has signed in by the form. */
  async open(path: string, options: PageOptions = {}): Promise<Page> {
    const page = await this.newPage(options)
    const { accessKeyId, secretAccessKey } = (options.as ?? apiSigner(this.yard)).credentials
    await page.goto(path)
    await page.getByLabel('Access key id').fill(accessKeyId)
    await page.getByLabel('Secret access key').fill(secretAccessKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation', { name: 'Breadcrumbs' }).waitFor()
    return page
  }

  async publish(...inputs: readonly PackageInput[]): Promise<void> {
    const wire = new NpmWire(await this.yard.endpoint('main'), await this.yard.token())
    for (const input of inputs) {
      const { status } = await wire.publish(input)
      if (status !== 201) throw new Error(`publishing was answered with ${status}`)
    }
  }
}

/** Starts all of it; it ends with the test. */
export async function startConsole(t: TestLifetime): Promise<ConsoleStage> {
  await runWell(process.execPath, [join(root, 'scripts/console.mjs')], { cwd: root, env: {} })
  // An empty registry stands for the public one: tests ask nobody outside.
  const upstream = await startUpstream(t)
  const yard = await startPackyard(t, { connections: { 'public:npmjs': upstream.url } })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  t.after(() => browser.close())
  return new ConsoleStage(yard, browser)
}

/** Keeps how a page looks, for people to look at: below `test-output/console`, which Git ignores. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = join(root, 'test-output', 'console')
  mkdirSync(folder, { recursive: true })
  await settle(page)
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

/** Waits until nothing on the page says that it is still loading. */
export async function settle(page: Page): Promise<void> {
  await page.getByText('Loading', { exact: false }).first().waitFor({ state: 'hidden' })
  await page.evaluate('document.fonts.ready.then(() => undefined)')
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly impact: string | null
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
  }[]
}

/** What stands in the way of people who read with ears or hands: axe's serious and critical findings. */
export async function findBarriers(page: Page): Promise<string[]> {
  await settle(page)
  // The content security policy allows no inline script; axe comes in through the browser's own door.
  await page.evaluate(axeSource())
  const { violations } = await page.evaluate<AxeResult>('axe.run(document, { resultTypes: ["violations"] })')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`))
}

function axeSource(): string {
  return (createRequire(import.meta.url)('axe-core') as { readonly source: string }).source
}
