/**
 * The names of resources in policies, decisions and answers.
 * Source: Service Authorization Reference for CodeArtifact, "Resource types".
 */
export interface ArnContext {
  readonly partition: string
  readonly region: string
}

export interface DomainResource {
  readonly owner: string
  readonly name: string
}

export function domainArn(context: ArnContext, domain: DomainResource): string {
  return arn(context, domain.owner, `domain/${domain.name}`)
}

/** The account is always the domain's owner, also when another account administers the repository. */
export function repositoryArn(context: ArnContext, domain: DomainResource, repository: string): string {
  return arn(context, domain.owner, `repository/${domain.name}/${repository}`)
}

/** The namespace's place stays, empty, where there is none: `…/npm//react`. */
export function packageArn(
  context: ArnContext,
  domain: DomainResource,
  repository: string,
  name: { readonly format: string; readonly namespace: string; readonly name: string },
): string {
  const path = `${domain.name}/${repository}/${name.format}/${name.namespace}/${name.name}`
  return arn(context, domain.owner, `package/${path}`)
}

/**
 * The pattern begins with a slash, so that there is one. Lower-case hexadecimal.
 * Source: CodeArtifact User Guide, "Package group definition syntax".
 */
export function packageGroupArn(context: ArnContext, domain: DomainResource, pattern: string): string {
  const encoded = pattern.replace(/[%*$]|[^\x21-\x7e]/gu, percentEncode)
  return arn(context, domain.owner, `package-group/${domain.name}${encoded}`)
}

function percentEncode(character: string): string {
  const hex = Buffer.from(character).toString('hex')
  return hex.replace(/../g, (byte) => `%${byte}`)
}

/** IAM has no region. `path` begins and ends with `/`. Source: IAM User Guide, "IAM ARNs". */
export function userArn(context: Pick<ArnContext, 'partition'>, account: string, path: string, name: string): string {
  return `arn:${context.partition}:iam::${account}:user${path}${name}`
}

function arn(context: ArnContext, account: string, resource: string): string {
  return `arn:${context.partition}:codeartifact:${context.region}:${account}:${resource}`
}
