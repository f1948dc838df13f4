/** Indented; as it is when it is no JSON. */
export function formatPolicy(document: string): string {
  try {
    return JSON.stringify(JSON.parse(document), null, 2)
  } catch {
    return document
  }
}

/** What keeps a text from being a policy, in a sentence; undefined when nothing is seen. The server looks closer. */
export function findMistake(text: string): string | undefined {
  let policy: unknown
  try {
    policy = JSON.parse(text)
  } catch (thrown) {
    return `This is no JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`
  }
  if (!isObject(policy)) return 'A policy is an object with Version and Statement.'
  if (policy.Version !== '2012-10-17') return 'Version must be "2012-10-17".'
  const statements: unknown[] = Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement]
  if (statements.length === 0) return 'Statement must hold at least one statement.'
  return statements.map((statement, index) => findStatementMistake(statement, index + 1)).find(Boolean)
}

function findStatementMistake(statement: unknown, number: number): string | undefined {
  if (!isObject(statement)) return `Statement ${number} must be an object.`
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    return `Effect of statement ${number} must be "Allow" or "Deny".`
  }
  if (!('Principal' in statement) && !('NotPrincipal' in statement)) {
    return `Statement ${number} must name a Principal: whom it is about.`
  }
  if (!('Action' in statement) && !('NotAction' in statement)) return `Statement ${number} must name an Action.`
  if (!('Resource' in statement) && !('NotResource' in statement)) return `Statement ${number} must name a Resource.`
  return undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
