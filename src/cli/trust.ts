/** How each client is made to trust an authority of one's own. Source: each client's documentation. */
export function renderTrust(file: string): string {
  return `The certificate authority of this installation: ${file}

AWS CLI, boto3, Terraform   export AWS_CA_BUNDLE=${file}
Node, npm, pnpm, Yarn       export NODE_EXTRA_CA_CERTS=${file}
pip, twine, Poetry, uv      export PIP_CERT=${file} REQUESTS_CA_BUNDLE=${file} SSL_CERT_FILE=${file}
Cargo                       export CARGO_HTTP_CAINFO=${file}
RubyGems, Bundler, dotnet   export SSL_CERT_FILE=${file}
curl, git                   export CURL_CA_BUNDLE=${file} GIT_SSL_CAINFO=${file}
Maven, Gradle, sbt          keytool -importcert -noprompt -alias packyard -file ${file} \\
                              -keystore packyard.p12 -storetype PKCS12 -storepass changeit
                            export MAVEN_OPTS='-Djavax.net.ssl.trustStore=packyard.p12 -Djavax.net.ssl.trustStorePassword=changeit'
Debian, Ubuntu              sudo cp ${file} /usr/local/share/ca-certificates/packyard.crt && sudo update-ca-certificates
Fedora, RHEL                sudo cp ${file} /etc/pki/ca-trust/source/anchors/packyard.crt && sudo update-ca-trust
macOS (Swift, browsers)     sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${file}
Windows                     certutil -addstore Root ${file}
`
}
