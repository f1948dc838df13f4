import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Packyard } from './packyard.ts'
import { type Run, run, runWell } from './processes.ts'
import { terraformPlugins } from './terraform.ts'

/** A folder with one configuration, applied to a server. */
export class Terraform {
  readonly #folder: string
  readonly #provider: string
  readonly #env: Readonly<Record<string, string>>

  private constructor(folder: string, provider: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder
    this.#provider = provider
    this.#env = env
  }

  static async open(yard: Packyard, text: string): Promise<Terraform> {
    const folder = join(yard.folder, 'terraform')
    await mkdir(folder)
    const env = { ...yard.env, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' }
    const terraform = new Terraform(folder, providerBlock(yard.url), env)
    await terraform.write(text)
    await terraform.run('init', `-plugin-dir=${terraformPlugins}`, '-input=false', '-no-color')
    return terraform
  }

  /** Replaces the configuration. */
  async write(text: string): Promise<void> {
    await writeFile(join(this.#folder, 'main.tf'), `${this.#provider}\n${text}`)
  }

  /** A command that has to succeed; answers what it printed. */
  async run(...args: readonly string[]): Promise<string> {
    const { stdout } = await runWell('terraform', args, this.#place())
    return stdout
  }

  /** Says what a plan would do: 0 nothing, 2 something. */
  plan(): Promise<Run> {
    const args = ['plan', '-detailed-exitcode', '-input=false', '-no-color']
    return run('terraform', args, this.#place())
  }

  async outputs(): Promise<Record<string, unknown>> {
    const outputs = JSON.parse(await this.run('output', '-json')) as Record<string, { value: unknown }>
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))
  }

  /** An attribute of a data source, as the state has it. */
  async dataOf(address: string, attribute: string): Promise<unknown> {
    const state = JSON.parse(await this.run('show', '-json')) as State
    const found = state.values.root_module.resources.find((resource) => resource.address === `data.${address}`)
    return found?.values[attribute]
  }

  #place() {
    return { cwd: this.#folder, env: this.#env, timeoutMs: 180_000 }
  }
}

interface State {
  readonly values: {
    readonly root_module: {
      readonly resources: readonly { readonly address: string; readonly values: Readonly<Record<string, unknown>> }[]
    }
  }
}

function providerBlock(url: string): string {
  const services = ['codeartifact', 'sts', 'iam', 'kms', 'events']
    .map((service) => `    ${service} = "${url}"`)
    .join('\n')
  return `provider "aws" {
  region                  = "us-east-1"
  skip_metadata_api_check = true
  skip_region_validation  = true
  endpoints {
${services}
  }
}`
}
