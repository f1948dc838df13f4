import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Whether `file` imports `target`, itself or through others of our files. Both are absolute paths. */
export function reaches(file: string, target: string, seen = new Set<string>()): boolean {
  if (file === target) return true
  if (seen.has(file) || !existsSync(file)) return false
  seen.add(file)
  const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return [...imports].some(([, path = '']) => reaches(join(dirname(file), path), target, seen))
}
