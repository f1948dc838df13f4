import { invalid, refused } from '../../registry/errors.ts'
import { childOf, elementsOf, parseXml, textOf, type XmlElement } from '../xml.ts'

/** Largest POM that is read. Unit: bytes. Ours; the largest public ones have some 500 KB. */
export const POM_BYTES_MAX = 4 * 1024 * 1024

/** What is kept of a POM: what the service tells of a version. Stored as JSON in the version's document. */
export interface Pom {
  readonly groupId: string
  readonly artifactId: string
  readonly version: string
  readonly packaging: string
  readonly name?: string
  readonly description?: string
  readonly url?: string
  readonly scm?: string
  readonly licenses: readonly { readonly name?: string; readonly url?: string }[]
  readonly parent?: Coordinates
  readonly dependencies: readonly PomDependency[]
}

export interface Coordinates {
  readonly groupId: string
  readonly artifactId: string
  /** '' where somebody else decides it, as a parent or a bill of materials. */
  readonly version: string
}

export interface PomDependency extends Coordinates {
  readonly scope?: string
  readonly isOptional?: true
}

/**
 * Reads a POM by itself: its parents are never looked at. Throws `invalid`. Source: Maven, "POM Reference"; CodeArtifact
 * User Guide, "Use CodeArtifact with Maven".
 */
export function parsePom(bytes: Buffer): Pom {
  if (bytes.length > POM_BYTES_MAX) throw refused(`the POM has more than ${POM_BYTES_MAX} bytes`)
  const document = parseXml(bytes, 'the POM')
  if (!Object.hasOwn(document, 'project')) throw refused('the POM has no <project> element')
  const project = childOf(document, 'project')
  const parent = Object.hasOwn(project, 'parent') ? coordinatesOf(childOf(project, 'parent')) : undefined
  const own = coordinatesOf(project)
  const coordinates = {
    groupId: own.groupId || (parent?.groupId ?? ''),
    artifactId: own.artifactId,
    version: own.version || (parent?.version ?? ''),
  }
  const scm = childOf(project, 'scm')
  return {
    ...coordinates,
    packaging: textOf(project, 'packaging') ?? 'jar',
    ...definedOnly({
      name: expand(textOf(project, 'name'), coordinates),
      description: expand(textOf(project, 'description'), coordinates),
      url: expand(textOf(project, 'url'), coordinates),
      scm: expand(textOf(scm, 'url') ?? withoutScheme(textOf(scm, 'connection')), coordinates),
      parent,
    }),
    licenses: elementsOf(childOf(project, 'licenses'), 'license').flatMap(readLicense),
    dependencies: elementsOf(childOf(project, 'dependencies'), 'dependency').map(readDependency),
  }
}

/** A POM that calls itself otherwise than its address would be resolved under a false name. Throws `invalid`. */
export function checkPom(pom: Pom, expected: Coordinates): void {
  for (const field of ['groupId', 'artifactId', 'version'] as const) {
    const value = pom[field]
    // A placeholder that nobody replaced says nothing.
    if (value.includes('${') || value === expected[field]) continue
    throw invalid(`the POM's ${field}`, value, `must be the one in its address, which is '${expected[field]}'`)
  }
}

function coordinatesOf(element: XmlElement): Coordinates {
  return {
    groupId: textOf(element, 'groupId') ?? '',
    artifactId: textOf(element, 'artifactId') ?? '',
    version: textOf(element, 'version') ?? '',
  }
}

function readLicense(license: XmlElement): { name?: string; url?: string }[] {
  const [name, url] = [textOf(license, 'name'), textOf(license, 'url')]
  return name === undefined && url === undefined ? [] : [definedOnly({ name, url })]
}

function readDependency(dependency: XmlElement): PomDependency {
  const scope = textOf(dependency, 'scope')
  const isOptional = textOf(dependency, 'optional')?.toLowerCase() === 'true'
  return { ...coordinatesOf(dependency), ...(scope && { scope }), ...(isOptional && { isOptional }) }
}

/** What a POM says of itself in itself; other properties may stand in a parent, which is not read. */
function expand(text: string | undefined, coordinates: Coordinates): string | undefined {
  return text?.replace(/\$\{(?:project|pom)\.(groupId|artifactId|version)\}/g, (whole, field: keyof Coordinates) => {
    return coordinates[field] === '' || coordinates[field].includes('${') ? whole : coordinates[field]
  })
}

/** `scm:git:https://…` names the tool before the address. Source: Maven, "SCM URL Format". */
function withoutScheme(connection: string | undefined): string | undefined {
  return connection?.replace(/^scm:[a-z]+:/i, '')
}

type Defined<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> }

function definedOnly<Fields extends object>(fields: Fields): Defined<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>
}
