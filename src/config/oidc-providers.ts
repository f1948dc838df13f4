import type { OidcProvider, OidcProviders } from '../access/oidc-sign-in.ts'
import { isIssuer } from '../access/issuer-documents.ts'
import { SettingError, type ValueKind } from './setting.ts'

const members = ['label', 'issuer', 'clientId', 'clientSecret', 'roleArn', 'scopes']
const needed = ['issuer', 'clientId', 'roleArn']

/** OpenID providers of the console by name, as JSON text or as YAML read them. */
export function oidcProviders(): ValueKind<OidcProviders> {
  return {
    allowed:
      'must be an object of providers by name, as {"company": {"issuer": "https://login.example.com", "clientId": "packyard", ' +
      '"roleArn": "arn:aws:iam::000000000000:role/console"}}',
    parse(value) {
      const given = typeof value === 'string' ? parseJson(value) : value
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined
      return new Map(Object.entries(given).map(([name, entry]) => [name, parseProvider(name, entry)] as const))
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseProvider(name: string, given: unknown): OidcProvider {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    throw new SettingError(`'${name.slice(0, 100)}' must be 1 to 32 lower-case letters, digits or "-"`)
  }
  const entry = (typeof given === 'object' && given !== null ? given : {}) as Readonly<Record<string, unknown>>
  for (const [member, value] of Object.entries(entry)) {
    if (members.includes(member) && typeof value === 'string' && value !== '') continue
    throw new SettingError(`${name}: '${member.slice(0, 100)}' must be text, and one of ${members.join(', ')}`)
  }
  const text = entry as Readonly<Record<string, string>>
  const missing = needed.find((member) => text[member] === undefined)
  if (missing !== undefined) throw new SettingError(`${name}: '${missing}' must be given`)
  const { label = name, issuer = '', clientId = '', clientSecret, roleArn = '', scopes = 'openid' } = text
  if (!isIssuer(issuer)) throw new SettingError(`${name}: issuer '${issuer.slice(0, 200)}' must be an https address`)
  if (!/^arn:[\w-]+:iam::\d{12}:role\/\S+$/.test(roleArn)) {
    throw new SettingError(`${name}: roleArn '${roleArn.slice(0, 200)}' must be the ARN of a role`)
  }
  return { label, issuer, clientId, clientSecret, roleArn, scopes: scopes.split(/[\s,]+/).filter((one) => one !== '') }
}
