import type { SetupStep } from '../format.ts'
import { setupPlaceOf } from '../setup-place.ts'

/** What a person pastes; in the order in which people come. Source: each client's own documentation. */
export function setup(endpoint: URL): readonly SetupStep[] {
  const url = endpoint.href.replace(/\/?$/, '/')
  const { domain, repository, tokenCommand } = setupPlaceOf(endpoint)
  const place = {
    realm: `${domain}/${repository}`,
    token: `export CODEARTIFACT_AUTH_TOKEN="$(${tokenCommand})"`,
  }
  const isPlain = endpoint.protocol === 'http:'
  return [
    { title: 'Get a token for 12 hours', text: place.token },
    {
      title: 'Maven: everything through this repository, plug-ins too',
      file: '~/.m2/settings.xml',
      text: mavenSettings(url),
    },
    {
      title: 'Maven: publish, from any project',
      text: `mvn deploy -DaltDeploymentRepository=codeartifact::default::${url}`,
    },
    { title: 'Gradle: resolve and publish', file: 'build.gradle', text: gradleBuild(url, isPlain) },
    { title: 'sbt', file: 'build.sbt', text: sbtBuild(url, place.realm, endpoint.hostname, isPlain) },
    { title: 'Leiningen', file: 'project.clj', text: leiningenProject(url, isPlain) },
    {
      title: 'Clojure CLI: with the server of ~/.m2/settings.xml above',
      file: 'deps.edn',
      text: `{:mvn/repos {"codeartifact" {:url "${url}"}}}\n`,
    },
  ]
}

/** Without `usePreemptive` Maven 3 asks for POMs and jars without the token first, and again with it. Source: Maven Wagon. */
function mavenSettings(url: string): string {
  return `<settings>
  <servers>
    <server>
      <id>codeartifact</id>
      <username>aws</username>
      <password>\${env.CODEARTIFACT_AUTH_TOKEN}</password>
      <configuration>
        <httpConfiguration>
          <all>
            <usePreemptive>true</usePreemptive>
          </all>
        </httpConfiguration>
      </configuration>
    </server>
  </servers>
  <mirrors>
    <mirror>
      <id>codeartifact</id>
      <mirrorOf>*</mirrorOf>
      <url>${url}</url>
    </mirror>
  </mirrors>
</settings>
`
}

function gradleBuild(url: string, isPlain: boolean): string {
  const insecure = isPlain ? '\n    allowInsecureProtocol = true' : ''
  const repository = `maven {
    url '${url}'${insecure}
    credentials {
      username 'aws'
      password System.env.CODEARTIFACT_AUTH_TOKEN
    }
  }`
  const block = (name: string, inner: string) => `${name} {\n  ${inner}\n}\n`
  return `${block('repositories', repository)}${block('publishing', `repositories {\n  ${repository}\n  }`)}`
}

function sbtBuild(url: string, realm: string, host: string, isPlain: boolean): string {
  const resolver = isPlain
    ? `("codeartifact" at "${url}").withAllowInsecureProtocol(true)`
    : `"codeartifact" at "${url}"`
  return `credentials += Credentials("${realm}", "${host}", "aws", sys.env("CODEARTIFACT_AUTH_TOKEN"))
resolvers += ${resolver}
publishTo := Some(${resolver})
publishMavenStyle := true
`
}

function leiningenProject(url: string, isPlain: boolean): string {
  const place = `{:url "${url}" :username "aws" :password :env/codeartifact_auth_token :sign-releases false}`
  const wagon = isPlain
    ? `(require 'cemerick.pomegranate.aether)
(cemerick.pomegranate.aether/register-wagon-factory!
  "http" #(org.apache.maven.wagon.providers.http.HttpWagon.))
`
    : ''
  return `${wagon}:repositories ^:replace [["codeartifact" ${place}]]
:deploy-repositories [["releases" ${place}] ["snapshots" ${place}]]
`
}
