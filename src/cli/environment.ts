/** What AWS clients need to reach this server. */
export interface AwsAccess {
  /** Without a final slash. */
  readonly url: string
  readonly region: string
  /** Absolute path. */
  readonly credentialsFile: string
  readonly profile: string
  /** Of our own certificate authority; undefined where clients trust ours anyway, or speak plain HTTP. */
  readonly authorityFile?: string | undefined
}

export type OutputForm = 'shell' | 'json'

/**
 * Variables for a shell to evaluate, or as JSON. AWS CLI version 1 reads no region but `AWS_DEFAULT_REGION`.
 * Source: AWS CLI User Guide, "Environment variables".
 */
export function renderEnvironment(access: AwsAccess, form: OutputForm): string {
  const variables = {
    AWS_ENDPOINT_URL: access.url,
    AWS_SHARED_CREDENTIALS_FILE: access.credentialsFile,
    AWS_PROFILE: access.profile,
    AWS_REGION: access.region,
    AWS_DEFAULT_REGION: access.region,
    ...(access.authorityFile && { AWS_CA_BUNDLE: access.authorityFile, NODE_EXTRA_CA_CERTS: access.authorityFile }),
  }
  if (form === 'json') return `${JSON.stringify(variables, undefined, 2)}\n`
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}\n`)
  return lines.join('')
}

/** In single quotes nothing means anything to a POSIX shell, but the quote itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
