import { LRUCache } from 'lru-cache'
import type { Metadata } from '../storage/metadata/metadata.ts'
import { domainsScope, policyScope } from '../storage/metadata/scopes.ts'
import { splitSubject } from './policy/arn-pattern.ts'
import type { NamedPolicy, PolicyDocument, Statement } from './policy/document.ts'
import { parsePolicyDocument } from './policy/parse-document.ts'
import type { ResourcePolicies } from './policy/target.ts'

/** What decisions on a domain, a package group, or a repository with its packages, need to know of it. */
export interface ResourceState extends ResourcePolicies {
  readonly owner: string | undefined
  /** Of the resource itself; none for packages. Keys in lower case, as policies compare them. */
  readonly tags: ReadonlyMap<string, string>
  /** Ids of the users and roles that the policies named when they were put, by ARN. */
  readonly namedIds: ReadonlyMap<string, string>
}

/** Domains, repositories and package groups remembered; what their policies take each. Ours. */
const STATES_MAX = 5_000

const NOTHING: ResourceState = { owner: undefined, tags: new Map(), namedIds: new Map() }

export interface ResourceStates {
  /** Undefined when it is not at hand, or no longer true: `load` it. */
  find(resource: string): ResourceState | undefined
  /** As it was when it was last loaded, for requests that began then. */
  latest(resource: string): ResourceState | undefined
  load(resource: string): Promise<ResourceState>
}

interface KnownState {
  readonly state: ResourceState
  readonly slot: number
  readonly epoch: number
  readonly domainsEpoch: number
}

interface Place {
  readonly key: string
  readonly owner: string
  readonly domain: string
  /** Undefined: the domain itself. */
  readonly repository: string | undefined
  /** Of a package group. */
  readonly pattern: string | undefined
  readonly kind: string
}

export function createResourceStates({ db, epochs }: Pick<Metadata, 'db' | 'epochs'>): ResourceStates {
  const known = new LRUCache<string, KnownState>({ max: STATES_MAX })
  const domainsSlot = epochs.slotOf(domainsScope)
  const placeOf = createPlaceReader()
  return {
    latest(resource) {
      const place = placeOf(resource)
      return place ? known.get(place.key)?.state : placeless(resource)
    },
    find(resource) {
      const place = placeOf(resource)
      if (!place) return placeless(resource)
      const entry = known.get(place.key)
      if (!entry || entry.epoch !== epochs.at(entry.slot)) return undefined
      return entry.domainsEpoch === epochs.at(domainsSlot) ? entry.state : undefined
    },
    async load(resource) {
      const place = placeOf(resource)
      if (!place) return placeless(resource)
      // Read before the rows are: a change in between makes the entry old, never wrong.
      const slot = epochs.slotOf(policyScope(place.owner, place.domain))
      const epoch = epochs.at(slot)
      const domainsEpoch = epochs.at(domainsSlot)
      const state = await readState(db, place)
      known.set(place.key, { state, slot, epoch, domainsEpoch })
      return state
    },
  }
}

/** What no policy of a domain speaks of, as `*` or a user. */
function placeless(resource: string): ResourceState {
  return { ...NOTHING, owner: splitSubject(resource)[4] }
}

/** Packages share their repository's state but its tags. Remembers what it took apart: a warm read asks for one ARN. */
function createPlaceReader(): (resource: string) => Place | undefined {
  const known = new LRUCache<string, Place>({ max: STATES_MAX })
  return (resource) => {
    const remembered = known.get(resource)
    if (remembered) return remembered
    const place = parsePlace(resource)
    if (place) known.set(resource, place)
    return place
  }
}

function parsePlace(resource: string): Place | undefined {
  const [, , service, , owner = '', rest = ''] = splitSubject(resource)
  const [kind = '', domain = '', repository] = rest.split('/')
  if (service !== 'codeartifact' || domain === '') return undefined
  const isInRepository = kind === 'repository' || kind === 'package'
  const pattern = kind === 'package-group' ? patternOf(rest.slice(kind.length + 1 + domain.length)) : undefined
  const key = `${owner}/${domain}/${isInRepository ? repository : ''}/${kind}${pattern ?? ''}`
  return { key, owner, domain, repository: isInRepository ? repository : undefined, pattern, kind }
}

/** ARNs hold it percent-encoded. Undefined when it is none. */
function patternOf(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}

type Database = Metadata['db']

async function readState(db: Database, place: Place): Promise<ResourceState> {
  const domain = await db
    .selectFrom('domains')
    .select('id')
    .where('owner', '=', place.owner)
    .where('name', '=', place.domain)
    .executeTakeFirst()
  if (!domain) return { ...NOTHING, owner: place.owner }
  const repository = place.repository === undefined ? undefined : await findRepository(db, domain.id, place.repository)
  const policies = await readPolicies(db, [domain.id, ...(repository ? [repository.id] : [])])
  return {
    owner: place.owner,
    administrator: repository?.administrator_account,
    domain: policies.get(domain.id)?.policy,
    repository: repository && policies.get(repository.id)?.policy,
    tags: await readTags(db, await findTagged(db, place, domain.id, repository?.id)),
    namedIds: new Map([...policies.values()].flatMap(({ ids }) => [...ids])),
  }
}

/** Packages have no tags. Source: Service Authorization Reference for CodeArtifact, "Resource types". */
async function findTagged(
  db: Database,
  { kind, pattern }: Place,
  domainId: string,
  repositoryId: string | undefined,
): Promise<string | undefined> {
  if (kind === 'domain') return domainId
  if (kind === 'repository') return repositoryId
  if (pattern === undefined) return undefined
  const groups = db.selectFrom('package_groups').select('id').where('domain_id', '=', domainId)
  return (await groups.where('pattern', '=', pattern).executeTakeFirst())?.id
}

function findRepository(db: Database, domainId: string, name: string) {
  return db
    .selectFrom('repositories')
    .select(['id', 'administrator_account'])
    .where('domain_id', '=', domainId)
    .where('name', '=', name)
    .executeTakeFirst()
}

async function readPolicies(db: Database, resourceIds: readonly string[]) {
  const rows = await db.selectFrom('resource_policies').selectAll().where('resource_id', 'in', resourceIds).execute()
  return new Map(
    rows.map((row, index) => {
      const name = index === 0 && row.resource_id === resourceIds[0] ? 'the domain policy' : 'the repository policy'
      const ids = new Map(Object.entries(JSON.parse(row.principals) as Record<string, string>))
      const policy: NamedPolicy = { name, document: parsePolicyDocument(row.document, 'resource') }
      return [row.resource_id, { policy, ids }] as const
    }),
  )
}

async function readTags(db: Database, resourceId: string | undefined): Promise<ReadonlyMap<string, string>> {
  if (resourceId === undefined) return new Map()
  const rows = await db.selectFrom('resource_tags').selectAll().where('resource_id', '=', resourceId).execute()
  return new Map(rows.map(({ key, value }) => [key.toLowerCase(), value]))
}

/** Only what a policy denies, for actions that it may not allow. */
export function denialsOf(policy: NamedPolicy | undefined): NamedPolicy | undefined {
  if (!policy) return undefined
  const statements: readonly Statement[] = policy.document.statements.filter(({ effect }) => effect === 'Deny')
  const document: PolicyDocument = { statements }
  return { ...policy, document }
}
