import type { Reply } from '../../http/call.ts'
import { invalid, RegistryError } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import type { RepositorySession, StagedAsset } from '../../registry/session.ts'
import type { PackageCall } from '../format.ts'
import { readEntry } from './entry.ts'
import { readFacts } from './facts.ts'
import { readPackage, readSymbols } from './inspect.ts'
import { packageFile, parsePackage, parseVersion, symbolsFile } from './names.ts'
import { receivePackage } from './upload.ts'
import { VERSION_LENGTH_MAX } from './versions.ts'

/** `PUT v3/package/`: id and version stand inside, so who may is asked when it has come, and before it is kept. */
export async function push(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  await using staged = await receive(call, session)
  const { entry, readme } = await readPackage(staged.source('pushed.nupkg'), 'strict')
  const { name, version } = identify(call, entry)
  await session.authorizePublish(name)
  const { kind } = await session.publish({
    name,
    version,
    status: 'Published',
    document: entry,
    facts: readFacts(entry),
    readme,
    assets: [{ name: packageFile(name, version), staged }],
    tags: [],
    tagsIfAbsent: [],
  })
  return answer(kind === 'unchanged' ? 200 : 201, `${entry.id} ${version} is published`)
}

/** `PUT v3/symbol/`: symbols join the package that they belong to. */
export async function pushSymbols(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  await using staged = await receive(call, session)
  const { id, version: spelled, symbols = [] } = await readSymbols(staged.source('pushed.snupkg'))
  const { name, version } = identify(call, { id, version: spelled })
  await session.authorizePublish(name)
  const own = await session.ownVersion(name, version)
  if (!own) {
    throw new RegistryError('missing', `symbols need their package: ${id} ${version} is not in this repository`, {
      resourceType: 'package-version',
    })
  }
  const document = { ...readEntry(own.document), symbols }
  const { kind } = await session.publish({
    name,
    version,
    status: 'Published',
    document,
    facts: readFacts(document),
    readme: undefined,
    assets: [{ name: symbolsFile(name, version), staged }],
    tags: [],
    tagsIfAbsent: [],
  })
  return answer(kind === 'unchanged' ? 200 : 201, `symbols of ${id} ${version} are published`)
}

async function receive(call: PackageCall, session: RepositorySession): Promise<StagedAsset> {
  await using staging = new AsyncDisposableStack()
  const staged = staging.use(await session.stageAsset())
  await receivePackage(call.body, call.header('content-type') ?? '', staged)
  staging.move()
  return staged
}

function identify(
  call: PackageCall,
  { id, version: spelled }: { readonly id: string; readonly version: string },
): { readonly name: PackageName; readonly version: string } {
  const name = parsePackage(id)
  const version = parseVersion(spelled)
  if (version.length > VERSION_LENGTH_MAX) {
    throw invalid('version', spelled, `must be at most ${VERSION_LENGTH_MAX} characters`)
  }
  call.log({ 'package.name': name.name, 'package.version': version })
  return { name, version }
}

function answer(status: number, sentence: string): Reply {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${sentence}\n` }
}
