import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { skipWithout } from './requirements.ts'

/** Where providers lie on machines that test without a network; `PACKYARD_TEST_TERRAFORM_PLUGINS` names another. */
const PLUGINS = process.env['PACKYARD_TEST_TERRAFORM_PLUGINS'] ?? '/opt/tf-plugins'

/** Terraform with AWS's provider, from a folder of plug-ins. */
export const terraformPlugins: string | undefined = findPlugins()

export const skipWithoutTerraform = skipWithout("Terraform with AWS's provider", terraformPlugins !== undefined)

function findPlugins(): string | undefined {
  try {
    execFileSync('terraform', ['version'], { stdio: 'ignore' })
    const [host = ''] = readdirSync(PLUGINS)
    return readdirSync(join(PLUGINS, host, 'hashicorp', 'aws')).length > 0 ? PLUGINS : undefined
  } catch {
    return undefined
  }
}
