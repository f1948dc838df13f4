"""Drives the control plane through boto3. Each answer is held against the service's model; prints one line of JSON."""
import hashlib
import io
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

url = sys.argv[1]
client = boto3.client("codeartifact", endpoint_url=url, config=Config(retries={"max_attempts": 1}))
called = set()


def call(operation, **parameters):
    """The answer, once it is certain that every member has the type that the model gives it, and none is unknown."""
    answer = getattr(client, operation)(**parameters)
    name = client.meta.method_to_api_mapping[operation]
    called.add(name)
    shape = client.meta.service_model.operation_model(name).output_shape
    members = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
    unknown = set(members) - set(shape.members)
    assert not unknown, f"{operation} answered with {unknown}, which the model does not have"
    report = ParamValidator().validate({k: v for k, v in members.items() if not hasattr(v, "read")}, shape)
    assert not report.has_errors(), f"{operation}: {report.generate_report()}"
    return members


def refused(code, status, operation, **parameters):
    """The failure, which has to be this one and of boto3's own class for it."""
    try:
        getattr(client, operation)(**parameters)
    except ClientError as error:
        seen = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
        assert seen == (code, status), f"{operation}: {seen}, not {(code, status)}: {error}"
        assert isinstance(error, getattr(client.exceptions, code)), f"{code} is in the model"
        return error.response
    raise AssertionError(f"{operation} should have failed with {code}")


domain = {"domain": "snake"}
main = {**domain, "repository": "main"}
tool = {**main, "format": "generic", "namespace": "team", "package": "tool"}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def publish(asset, content, **more):
    data = {"packageVersion": "1.0", "assetName": asset, "assetContent": content, "assetSHA256": sha256(content)}
    return call("publish_package_version", **{**tool, **data, **more})


made = call("create_domain", **domain)["domain"]
assert made["repositoryCount"] == 0 and ":key/" in made["encryptionKey"]
conflict = refused("ConflictException", 409, "create_domain", **domain)
assert conflict["resourceType"] == "domain" and conflict["resourceId"] == "snake"
call("describe_domain", **domain)
call("list_domains", maxResults=1)
call("create_repository", **domain, repository="store", tags=[{"key": "a", "value": ""}])
call("create_repository", **main, upstreams=[{"repositoryName": "store"}], description="ours")
call("associate_external_connection", **domain, repository="store", externalConnection="public:npmjs")
again = {**domain, "repository": "store", "externalConnection": "public:npmjs"}
limited = refused("ValidationException", 400, "associate_external_connection", **again)
assert limited["message"] == "ExternalConnections for repositories are currently limited to 1"
call("disassociate_external_connection", **again)
refused("ResourceNotFoundException", 404, "disassociate_external_connection", **again)
call("describe_repository", **main)
call("update_repository", **main, description="")
call("list_repositories", repositoryPrefix="ma")
call("list_repositories_in_domain", **domain, administratorAccount=made["owner"])
call("get_repository_endpoint", **main, format="swift", endpointType="ipv4")
call("get_authorization_token", **domain, durationSeconds=900)
refused("ValidationException", 400, "get_authorization_token", **domain, durationSeconds=600)

policy = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": "*", "Action": "codeartifact:ReadFromRepository", "Resource": "*"}]})
revision = call("put_domain_permissions_policy", **domain, policyDocument=policy)["policy"]["revision"]
call("put_domain_permissions_policy", **domain, policyDocument=policy, policyRevision=revision)
stale = {**domain, "policyDocument": policy, "policyRevision": revision}
refused("ConflictException", 409, "put_domain_permissions_policy", **stale)
call("get_domain_permissions_policy", **domain)
call("delete_domain_permissions_policy", **domain)
refused("ResourceNotFoundException", 404, "get_domain_permissions_policy", **domain)
refused("ValidationException", 400, "put_repository_permissions_policy", **main, policyDocument="not JSON")
call("put_repository_permissions_policy", **main, policyDocument=policy)
call("get_repository_permissions_policy", **main)
call("delete_repository_permissions_policy", **main)

assert publish("a.bin", b"first", unfinished=True)["status"] == "Unfinished"
odd = "b +&%1.bin".replace("%", "")
assert publish(odd, b"second")["status"] == "Published"
refused("ConflictException", 409, "publish_package_version", **tool, packageVersion="1.0", assetName="c",
        assetContent=b"c", assetSHA256=sha256(b"c"))
refused("ValidationException", 400, "publish_package_version", **tool, packageVersion="2.0", assetName="c",
        assetContent=io.BytesIO(b"c"), assetSHA256=sha256(b"other"))
at = {**tool, "packageVersion": "1.0"}
got = call("get_package_version_asset", **at, asset=odd)
assert got["asset"].read() == b"second" and got["assetName"] == odd
assert {asset["name"] for asset in call("list_package_version_assets", **at)["assets"]} == {"a.bin", odd}
call("describe_package_version", **at)
refused("ResourceNotFoundException", 404, "get_package_version_readme", **at)
call("list_package_version_dependencies", **at)
call("list_packages", **main, format="generic", namespace="te")
refused("ValidationException", 400, "list_packages", **main, namespace="te")
call("describe_package", **tool)
call("put_package_origin_configuration", **tool, restrictions={"publish": "ALLOW", "upstream": "BLOCK"})
call("list_package_versions", **tool, status="Published", sortBy="PUBLISHED_TIME")
call("update_package_versions_status", **tool, versions=["1.0"], targetStatus="Unlisted")
mismatch = call("update_package_versions_status", **tool, versions=["1.0"], expectedStatus="Published",
                targetStatus="Archived")
assert mismatch["failedVersions"]["1.0"]["errorMessage"] == "current status: Unlisted, expected status: Published"
call("dispose_package_versions", **tool, versions=["1.0"])
refused("ConflictException", 409, "get_package_version_asset", **at, asset=odd)
call("delete_package_versions", **tool, versions=["1.0"])
call("delete_package", **tool)
refused("ResourceNotFoundException", 404, "describe_package", **tool)

group = {**domain, "packageGroup": "/npm/acme/*"}
arn = call("create_package_group", **group, description="scoped")["packageGroup"]["arn"]
call("tag_resource", resourceArn=arn, tags=[{"key": "team", "value": "web"}])
assert call("list_tags_for_resource", resourceArn=arn)["tags"] == [{"key": "team", "value": "web"}]
call("untag_resource", resourceArn=arn, tagKeys=["team"])
call("describe_package_group", **group)
call("update_package_group", **group, contactInfo="web")
call("update_package_group_origin_configuration", **group, restrictions={"PUBLISH": "BLOCK"})
call("list_package_groups", **domain, prefix="/npm/")
call("list_sub_package_groups", **domain, packageGroup="/*")
call("list_allowed_repositories_for_group", **group, originRestrictionType="PUBLISH")
call("list_associated_packages", **group)
call("get_associated_package_group", **domain, format="npm", namespace="acme", package="x")
call("delete_package_group", **group)
refused("ResourceNotFoundException", 404, "describe_package_group", **group)

refused("ConflictException", 409, "delete_domain", **domain)
call("delete_repository", **main)
call("delete_repository", **domain, repository="store")
call("delete_domain", **domain)
call("delete_domain", **domain)
refused("ResourceNotFoundException", 404, "describe_domain", **domain)

kms = boto3.client("kms", endpoint_url=url)
key = kms.create_key(Description="keys", Tags=[{"TagKey": "team", "TagValue": "core"}])["KeyMetadata"]
kms.create_alias(AliasName="alias/snake", TargetKeyId=key["KeyId"])
assert kms.describe_key(KeyId="alias/snake")["KeyMetadata"]["Arn"] == key["Arn"]
assert key["Arn"] in {each["KeyArn"] for page in kms.get_paginator("list_keys").paginate() for each in page["Keys"]}
pending = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
assert pending["KeyState"] == "PendingDeletion" and pending["DeletionDate"] > key["CreationDate"]
try:
    kms.enable_key(KeyId=key["KeyId"])
    raise AssertionError("a key that is pending deletion must not be enabled")
except kms.exceptions.KMSInvalidStateException:
    pass

every = set(client.meta.service_model.operation_names)
print(json.dumps({"left": sorted(every - called)}))
