import type { SetupStep } from '../format.ts'

/** What a person pastes; in the order in which people come. Source: each client's own documentation. */
export function setup(endpoint: URL): readonly SetupStep[] {
  const root = endpoint.href.replace(/\/?$/, '/')
  const index = `${root}simple/`
  const withToken = index.replace('://', '://aws:$CODEARTIFACT_AUTH_TOKEN@')
  const { login, token } = commandsFor(endpoint)
  return [
    { title: 'pip: log in for 12 hours', text: `${login} --tool pip` },
    {
      title: 'twine: log in for 12 hours',
      text: `${login} --tool twine\ntwine upload --repository codeartifact dist/*`,
    },
    { title: 'Everything else: get a token', text: token },
    { title: 'pip, without touching its settings', text: `export PIP_INDEX_URL="${withToken}"` },
    {
      title: 'uv',
      file: 'pyproject.toml',
      text: `[[tool.uv.index]]\nname = "packyard"\nurl = "${index}"\npublish-url = "${root}"\ndefault = true\n`,
    },
    {
      title: 'uv: the token',
      text: 'export UV_INDEX_PACKYARD_USERNAME=aws UV_INDEX_PACKYARD_PASSWORD="$CODEARTIFACT_AUTH_TOKEN"',
    },
    {
      title: 'Poetry',
      file: 'pyproject.toml',
      text: `[[tool.poetry.source]]\nname = "packyard"\nurl = "${index}"\npriority = "primary"\n`,
    },
    {
      title: 'Poetry: the token',
      text: [
        `poetry config repositories.packyard ${root}`,
        'poetry config http-basic.packyard aws "$CODEARTIFACT_AUTH_TOKEN"',
      ].join('\n'),
    },
    {
      title: 'PDM',
      file: 'pyproject.toml',
      text: `[[tool.pdm.source]]\nname = "pypi"\nurl = "${index.replace('://', '://aws:${CODEARTIFACT_AUTH_TOKEN}@')}"\nverify_ssl = true\n`,
    },
    {
      title: 'PDM: publish',
      text: `PDM_PUBLISH_USERNAME=aws PDM_PUBLISH_PASSWORD="$CODEARTIFACT_AUTH_TOKEN" pdm publish --repository ${root}`,
    },
  ]
}

/** Domain and repository stand in the address, in both of its forms. */
function commandsFor(endpoint: URL): { login: string; token: string } {
  const repository = endpoint.pathname.split('/').findLast((segment) => segment !== '') ?? '<repository>'
  const inPath = /\/d\/([a-z][a-z0-9-]*)-(\d{12})\//.exec(endpoint.pathname)
  const [, domain = '<domain>', owner = '<account>'] =
    inPath ?? /^([a-z][a-z0-9-]*)-(\d{12})\./.exec(endpoint.host) ?? []
  const place = `--domain ${domain} --domain-owner ${owner}`
  const read = `aws codeartifact get-authorization-token ${place} --query authorizationToken --output text`
  return {
    login: `aws codeartifact login ${place} --repository ${repository}`,
    token: `export CODEARTIFACT_AUTH_TOKEN="$(${read})"`,
  }
}
