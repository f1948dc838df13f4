export interface Greeting {
  /** The address that clients use. */
  readonly url: string
  /** How the person started us, to say how the next command is spelt. */
  readonly command: 'npm' | 'packyard'
  readonly domain: string
  readonly repository: string
}

/** What a person pastes next, once the server is ready. */
export function renderBanner({ url, command, domain, repository }: Greeting): string {
  const env = command === 'npm' ? 'npm run --silent env' : 'packyard env'
  return `
Packyard is ready at ${url}

Paste into another shell, in this folder:

  eval "$(${env})"
  aws codeartifact login --tool npm --domain ${domain} --repository ${repository}
  npm install express

`
}
