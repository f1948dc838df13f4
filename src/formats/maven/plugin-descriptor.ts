import { RegistryError } from '../../registry/errors.ts'
import type { AssetSource } from '../../registry/format.ts'
import { childOf, parseXml, textOf } from '../xml.ts'
import type { Plugin } from './facts.ts'

const DESCRIPTOR = 'META-INF/maven/plugin.xml'

/** Largest descriptor that is read. Unit: bytes. Ours; those of plug-ins with a hundred goals have some 500 KB. */
const DESCRIPTOR_BYTES_MAX = 4 * 1024 * 1024

/** By Maven's own rule for the names of plug-ins, so that no other jar need be opened. */
export function mayBePlugin(artifactId: string): boolean {
  return /^maven-.+-plugin$|-maven-plugin$/.test(artifactId)
}

/**
 * The prefix by which a plug-in's goals are called. Undefined for a jar that is none, or that cannot be read: a jar may
 * hold anything. Not every version of Maven tells the repository itself.
 */
export async function readPluginDescriptor(jar: AssetSource): Promise<Plugin | undefined> {
  // Few ever publish a plug-in; the reader of archives is for them.
  const { openZip } = await import('../zip.ts')
  try {
    const archive = await openZip(jar, 'lenient')
    if (!archive.entries.has(DESCRIPTOR)) return undefined
    const plugin = childOf(
      parseXml(await archive.read(DESCRIPTOR, DESCRIPTOR_BYTES_MAX), 'the plug-in descriptor'),
      'plugin',
    )
    const [prefix, artifactId, name] = ['goalPrefix', 'artifactId', 'name'].map((field) => textOf(plugin, field))
    if (prefix === undefined || artifactId === undefined) return undefined
    return { prefix, artifactId, ...(name !== undefined && { name }) }
  } catch (error) {
    if (error instanceof RegistryError && error.kind === 'invalid') return undefined
    throw error
  }
}
