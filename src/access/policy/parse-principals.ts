import { PolicyDocumentError } from './document.ts'
import { parseAwsPrincipal, type PrincipalEntry } from './principals.ts'
import { isJsonList, isJsonObject, type Json } from './strict-json.ts'

const KINDS = ['AWS', 'Service', 'Federated', 'CanonicalUser']

/** The value of `Principal` or `NotPrincipal`. Throws `PolicyDocumentError`. */
export function parsePrincipals(value: Json, place: string): readonly PrincipalEntry[] {
  if (value === '*') return [{ kind: 'everyone' }]
  if (!isJsonObject(value) || value.size === 0) {
    throw fault(place, 'must be "*" or an object with AWS, Service, Federated or CanonicalUser')
  }
  return [...value].flatMap(([kind, names]) => {
    if (!KINDS.includes(kind)) throw fault(place, `has the unknown element '${kind.slice(0, 100)}'`)
    return namesOf(names, `${place}.${kind}`).map((name) => parseEntry(kind, name, `${place}.${kind}`))
  })
}

function parseEntry(kind: string, name: string, place: string): PrincipalEntry {
  if (kind === 'Service') return { kind: 'service', name }
  if (kind === 'CanonicalUser') return { kind: 'canonical-user', name }
  if (kind === 'Federated') return { kind: 'federated', provider: name }
  const entry = parseAwsPrincipal(name)
  if (entry) return entry
  throw new PolicyDocumentError('principal', `Invalid principal in policy: "AWS":"${name.slice(0, 200)}" (${place}).`)
}

function namesOf(value: Json, place: string): readonly string[] {
  const list = isJsonList(value) ? value : [value]
  const names = list.filter((item) => typeof item === 'string')
  if (names.length === list.length && names.length > 0) return names
  throw fault(place, 'must be text or a list of texts, at least one')
}

function fault(place: string, rule: string): PolicyDocumentError {
  return new PolicyDocumentError('grammar', `${place} ${rule}.`)
}
