import { isBuiltin } from 'node:module'
import { isShipped, type SourceFile } from './source-file.ts'

/** The part of package.json that says what is installed with Packyard, and what only with its sources. */
export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** Packages that the shipped code imports and does not bring along, or brings along and never imports. */
export function findPackageMistakes(files: readonly SourceFile[], { dependencies }: Manifest): string[] {
  const imports = files.filter(isShipped).flatMap(({ path, imports: all }) => all.map((one) => ({ path, ...one })))
  const foreign = imports.filter(({ target, specifier }) => target === undefined && !isBuiltin(specifier))
  const missing = foreign.filter(({ specifier }) => !(packageOf(specifier) in dependencies))
  const used = new Set(foreign.map(({ specifier }) => packageOf(specifier)))
  return [
    ...missing.map(({ path, line, specifier }) => `${path}:${line} imports ${specifier}, which is no dependency`),
    ...Object.keys(dependencies)
      .filter((name) => !used.has(name))
      .map((name) => `nothing in src imports ${name}`),
  ]
}

/** Versions that are ranges: what is tested must be what is installed. */
export function findLooseVersions({ dependencies, devDependencies }: Manifest): string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} is asked for as ${version}, not by its exact version`)
}

/** `@aws-sdk/client-s3/dist` → `@aws-sdk/client-s3` */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
