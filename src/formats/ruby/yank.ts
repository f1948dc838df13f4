import type { Reply } from '../../http/call.ts'
import { readBody } from '../../http/request-body.ts'
import { invalid, RegistryError } from '../../registry/errors.ts'
import type { RepositorySession } from '../../registry/session.ts'
import type { ViewVersion } from '../../registry/view.ts'
import type { PackageCall } from '../format.ts'
import { TEXT_TYPE } from './documents.ts'
import { assetName, type GemName, numberOf, parsePackage, parsePlatform, parseVersion } from './names.ts'
import { readRelease } from './release.ts'

/** Largest form of a yank. Unit: bytes. Ours; three short fields. */
const FORM_BYTES_MAX = 16 * 1024

/**
 * `DELETE api/v1/gems/yank`. A version whose only gem is taken back becomes Unlisted; of several gems each can be taken
 * back by itself. What is taken back can still be downloaded, so that lock files go on working.
 */
export async function yank(call: PackageCall, session: RepositorySession): Promise<Reply> {
  session.authorizeRead()
  const gem = await requestedGem(call)
  const name = parsePackage(gem.name)
  const { versions } = await session.view(name)
  const version = versions.find((each) => each.version === gem.version && each.holder === 'own')
  if (!version?.assets.some((asset) => asset.name === assetName(gem))) throw notHere(gem, version)
  const others = othersThan(gem, version)
  if (others.length === 0) await session.moveVersion(name, gem.version, { from: 'Published', to: 'Unlisted' })
  else await session.updateDocuments(name, (_, document) => without(gem, document), gem.version)
  const body = `Successfully deleted gem: ${gem.name} (${numberOf(gem)})\n`
  return { status: 200, headers: { 'Content-Type': TEXT_TYPE }, body }
}

/** In the body as a form; older clients put it into the query. */
async function requestedGem(call: PackageCall): Promise<GemName> {
  const body = await readBody(call.body, FORM_BYTES_MAX)
  const [form, query] = [new URLSearchParams(body.toString('utf8')), new URLSearchParams(call.query)]
  const field = (name: string) => form.get(name) ?? query.get(name) ?? ''
  if (field('gem_name') === '') throw invalid('gem_name', '', 'must be the name of a gem')
  return {
    name: parsePackage(field('gem_name')).name,
    version: parseVersion(field('version')),
    platform: parsePlatform(field('platform') || 'ruby'),
  }
}

function othersThan(gem: GemName, version: ViewVersion): string[] {
  const { gems } = readRelease(version.document)
  const names = version.assets.map((asset) => asset.name)
  return names.filter((name) => name !== assetName(gem) && gems[name] && !gems[name].yanked)
}

function without(gem: GemName, document: unknown): unknown {
  const release = readRelease(document)
  const found = release.gems[assetName(gem)]
  if (!found) return document
  return { ...release, gems: { ...release.gems, [assetName(gem)]: { ...found, yanked: true } } }
}

function notHere(gem: GemName, version: ViewVersion | undefined): RegistryError {
  const others = version?.assets.map((asset) => asset.name).join(', ')
  const hint = others === undefined ? '' : `; of that version there is ${others}`
  const details = { resourceType: 'package-version', resourceId: `${gem.name}/${gem.version}` } as const
  return new RegistryError('missing', `This repository holds no ${gem.name} (${numberOf(gem)})${hint}.`, details)
}
