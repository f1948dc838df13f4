/** What every folder below `src/formats` holds. See ARCHITECTURE.md, "A format". */
const formatFiles = ['README.md', 'format.ts', 'names.ts', 'routes.ts', 'documents.ts', 'inspect.ts', 'conformance.ts']

/** Names that say nothing about what is inside. */
const emptyNames = ['utils', 'helpers', 'common', 'core', 'lib', 'misc', 'shared']

/** Formats that lack a file. `hasUpstream` says whether a format, by its folder's name, reads upstream repositories. */
export function findIncompleteFormats(paths: readonly string[], hasUpstream: (format: string) => boolean): string[] {
  const formats = new Set(paths.flatMap((path) => /^src\/formats\/([^/]+)\//.exec(path)?.[1] ?? []))
  return [...formats].flatMap((format) => {
    const wanted = [...formatFiles, ...(hasUpstream(format) ? ['upstream.ts'] : [])]
    return wanted
      .filter((name) => !paths.includes(`src/formats/${format}/${name}`))
      .map((name) => `src/formats/${format} has no ${name}`)
  })
}

export function findEmptyNames(paths: readonly string[]): string[] {
  const folders = new Set(paths.flatMap((path) => path.split('/').slice(0, -1)))
  return emptyNames.filter((name) => folders.has(name)).map((name) => `a folder is called ${name}: name what it holds`)
}
