import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Packyard } from './packyard.ts'
import { run } from './processes.ts'
import { mainProgram } from './server-process.ts'

/** A policy that allows these actions. */
export function allowing(action: string | readonly string[], resource: string | readonly string[] = '*'): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: resource } })
}

/** A user with a key; the variables with which AWS clients are that user. */
export async function createUser(yard: Packyard, name: string) {
  await yard.aws(`iam create-user --user-name ${name}`)
  const { AccessKey } = await yard.aws(`iam create-access-key --user-name ${name}`)
  const key = AccessKey as { AccessKeyId: string; SecretAccessKey: string }
  return { accessKeyId: key.AccessKeyId, env: await credentials(yard, key.AccessKeyId, key.SecretAccessKey) }
}

/** A credentials file with the profile that the variables name already. */
export async function credentials(yard: Packyard, id: string, secret: string): Promise<Record<string, string>> {
  const file = join(yard.folder, `credentials-${id}`)
  await writeFile(file, `[packyard]\naws_access_key_id = ${id}\naws_secret_access_key = ${yard.secret(secret)}\n`)
  return { AWS_SHARED_CREDENTIALS_FILE: file }
}

/** A command of ours, as somebody with these variables. */
export function packyard(yard: Packyard, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const settings = { ...yard.serverEnv, PACKYARD_PORT: new URL(yard.url).port }
  return run(process.execPath, [mainProgram, ...args], { cwd: yard.folder, env: { ...settings, ...yard.env, ...env } })
}

/** From the next request on, this is all that the user may do. */
export async function putPolicy(yard: Packyard, user: string, policy: string): Promise<void> {
  const file = join(yard.folder, `${user}.json`)
  await writeFile(file, policy)
  await yard.aws(`iam put-user-policy --user-name ${user} --policy-name p --policy-document file://${file}`)
}
