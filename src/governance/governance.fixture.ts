import { account, administrator, domain, type TestRegistry } from '../../test/support/registry.ts'
import { HeldError } from '../registry/held.ts'
import { decide, type DecisionDraft } from './decide.ts'
import { putRule, type RuleDraft } from './rule-store.ts'

export const address = { owner: account, domain }

/** Enforces a rule for the whole domain, unless told otherwise. */
export function enforce(registry: TestRegistry, kind: string, rule: Partial<RuleDraft> = {}) {
  const draft = {
    address,
    name: kind,
    kind,
    mode: 'enforce',
    group: undefined,
    repository: undefined,
    parameters: {},
    description: '',
    contact: '',
    expectedVersion: undefined,
    ...rule,
  }
  return putRule(registry.parts, administrator, draft)
}

/** Decides about versions of an npm package. */
export function decideOn(registry: TestRegistry, name: string, versions: string, draft: Partial<DecisionDraft> = {}) {
  const about = { address, package: registry.parse(name), versions, repository: undefined, expiresAt: undefined }
  return decide(registry.parts, administrator, { ...about, kind: 'approved', comment: '', ...draft })
}

/** What a client is told who downloads the version; 'given' when he gets it. */
export async function downloadOf(registry: TestRegistry, repository: string, name: string, version: string) {
  return refusalOf(async () => void (await registry.download(repository, name, version)))
}

/** What a client is told who reads the package's index: the tags, where he gets one. */
export async function indexOf(registry: TestRegistry, repository: string, name: string): Promise<string> {
  const session = await registry.session(repository)
  let tags = ''
  const told = await refusalOf(async () => {
    const ready = await session.index(registry.parse(name), 'tags', (view) => {
      const shown = view.versions.filter(({ status }) => status === 'Published').map(({ version }) => version)
      const body = `${shown.join(' ')} latest=${view.tags.get('latest') ?? 'none'}`
      return { contentType: 'text/plain', body }
    })
    tags = ready.identity.toString()
  })
  return told === 'given' ? tags : told
}

async function refusalOf(read: () => Promise<void>): Promise<string> {
  try {
    await read()
    return 'given'
  } catch (error) {
    if (error instanceof HeldError) return error.message
    throw error
  }
}
