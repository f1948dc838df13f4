import type { VersionFacts } from '../../registry/model.ts'

/** A version that a build could have made, and what must be read from its POM. */
export interface SampleVersion {
  readonly groupId: string
  readonly artifactId: string
  readonly version: string
  /** Inside `<project>`, behind the coordinates. */
  readonly pom: string
  readonly facts: VersionFacts
}

/** Plain data, for whoever checks that Maven's packages come through whole. */
export const sampleVersions: readonly SampleVersion[] = [
  {
    groupId: 'com.acme',
    artifactId: 'plain',
    version: '1.0',
    pom: '',
    facts: { displayName: 'plain', licenses: [], dependencies: [] },
  },
  {
    groupId: 'com.acme.tools',
    artifactId: 'everything.at-once_2.13',
    version: '2.0-rc1',
    pom: `<name>Everything &amp; more of \${project.artifactId}</name>
      <description><![CDATA[Does <all>]]></description>
      <url>https://acme.example/</url>
      <parent><groupId>com.acme</groupId><artifactId>parent</artifactId><version>7</version></parent>
      <licenses>
        <license><name>Apache-2.0</name><url>https://acme.example/licence</url></license>
        <license><url>https://acme.example/other</url></license><license/>
      </licenses>
      <scm><connection>scm:git:https://acme.example/all.git</connection></scm>
      <dependencyManagement><dependencies><dependency><groupId>not</groupId><artifactId>told</artifactId></dependency></dependencies></dependencyManagement>
      <dependencies>
        <dependency><groupId>a</groupId><artifactId>b</artifactId><version>[1,2)</version></dependency>
        <dependency><groupId>a</groupId><artifactId>c</artifactId><version>\${c}</version><scope>runtime</scope></dependency>
        <dependency><groupId>a</groupId><artifactId>d</artifactId><optional>true</optional><scope>test</scope></dependency>
      </dependencies>`,
    facts: {
      displayName: 'Everything & more of everything.at-once_2.13',
      summary: 'Does <all>',
      homePage: 'https://acme.example/',
      sourceCodeRepository: 'https://acme.example/all.git',
      licenses: [{ name: 'Apache-2.0', url: 'https://acme.example/licence' }, { url: 'https://acme.example/other' }],
      dependencies: [
        { namespace: 'com.acme', package: 'parent', dependencyType: 'parent', versionRequirement: '7' },
        { namespace: 'a', package: 'b', dependencyType: 'compile', versionRequirement: '[1,2)' },
        { namespace: 'a', package: 'c', dependencyType: 'runtime', versionRequirement: '${c}' },
        { namespace: 'a', package: 'd', dependencyType: 'optional', versionRequirement: '' },
      ],
    },
  },
]

/** Versions in the order of Maven, lowest first. Source: the vectors of Maven's own tests. */
export const orderedVersions: readonly (readonly string[])[] = [
  '1-alpha2snapshot 1-alpha2 1-alpha-123 1-beta-2 1-beta123 1-m2 1-m11 1-rc 1-cr2 1-rc123 1-SNAPSHOT 1 1-sp 1-sp2 1-sp123 1-abc 1-def 1-pom-1 1-1-snapshot 1-1 1-2 1-123',
  '2.0 2.0.a 2-1 2.0.2 2.0.123 2.1.0 2.1-a 2.1b 2.1-c 2.1-1 2.1.0.1 2.2 2.123 11.a2 11.a11 11.b2 11.b11 11.m2 11.m11 11 11.a 11b 11c 11m',
  '1.0-alpha-1 1.0-beta-2 1.0-m3 1.0-rc1 1.0-cr2 1.0-SNAPSHOT 1.0 1.0-sp 1.0-foo 1.0-1 1.0.1',
  '2.0 2-20231010.010101-1 10',
].map((text) => text.split(' '))

/** Versions that Maven takes for one. */
export const equalVersions: readonly (readonly string[])[] = [
  '1 1.0 1-0 1.0-0',
  '1a 1-a 1.0-a 1.0.0-a',
  '1a1 1-alpha-1',
  '1b2 1-beta-2',
  '1m3 1-milestone-3',
  '1x 1.0.0-x',
  '1cr 1rc',
  '1.0.0.Final 1.0.RELEASE 1',
  '1X 1x',
].map((text) => text.split(' '))

/** Commands of Maven that a repository must answer, once a sample has been deployed. */
export const clientCommands: readonly string[] = [
  'dependency:get -Dtransitive=false -Dartifact={groupId}:{artifactId}:{version}',
  'dependency:get -Dtransitive=false -Dartifact={groupId}:{artifactId}:{version}:pom',
]
