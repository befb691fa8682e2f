"""CN5: a cloud's service, and what stands between it and us."""

from __future__ import annotations

from cloud_nas.codes.code import Code

SERVICE = (
    Code(
        "CN501",
        "not logged in",
        "The service does not know who is asking: there are no credentials, they have expired, or they are of nobody it knows. "
        "Nothing is known of the jobs, which go on. Log in again with the service's own tool.",
        "cloud-nas status  # an expired login",
        "aws sso login --profile research  # at Google: gcloud auth application-default login",
    ),
    Code(
        "CN502",
        "the service could not be reached",
        "It did not answer, or was too busy again and again. That says nothing of a job: `status` shows what was known last, and "
        "`wait` asks again.",
    ),
    Code(
        "CN503",
        "the service refused a call",
        "The message has the service's own reason and its own word for it.",
    ),
    Code(
        "CN504",
        "no such region",
        "A job runs in a region of the service, which the spec names, or the service's own configuration. Google calls it a "
        "location.",
        "targets: {sagemaker: {region: eu-west}}",
        "targets: {sagemaker: {region: eu-west-1}}",
    ),
    Code(
        "CN505",
        "the bucket cannot be used",
        "The bucket is not there, is another account's, or is in another region than the jobs, which would fail only when they "
        "upload their results. Vertex AI trains with buckets of one region only, not of two or of a continent. No bucket is ever "
        "made or guessed.",
        "targets: {sagemaker: {region: eu-west-1, bucket: bucket-in-ohio}}",
        "targets: {sagemaker: {region: eu-west-1, bucket: bucket-in-ireland}}",
    ),
    Code(
        "CN506",
        "not allowed",
        "The service knows who is asking and does not allow this. `cloud-nas plan --json` has what the caller and whoever the "
        "job runs as need: policies at AWS, roles at Google.",
    ),
    Code(
        "CN507",
        "a quota of the account",
        "The account, or the project, may not have this machine, or not so many at once. New ones may have none of most types, "
        "and no project has an L4 at Google until it asks. The message names the quota, and where more can be asked for.",
        "targets: {sagemaker: {instance: ml.g5.xlarge}}",
        "targets: {sagemaker: {instance: ml.m5.xlarge}}",
    ),
    Code(
        "CN508",
        "the plan no longer holds",
        "The spec, the code or the data changed since the plan was made, so that something else than it shows would be made.",
        "cloud-nas submit plan.json",
        "cloud-nas plan spec.yaml --on sagemaker:tuning --out plan.json",
    ),
    Code(
        "CN510",
        "the place does not take such a job",
        "A rule of the service stands against it: too few rows, too many hyperparameters, a range that it has not. The message "
        "names the rule and the hint a way round it.",
    ),
    Code(
        "CN511",
        "a setting of the place is missing or contradicts another",
        "Jobs need a region and a bucket for what goes in and comes out; at AWS a role to run as, and subnets go with security "
        "groups; at Google a project.",
        "targets: {sagemaker: {region: eu-west-1}}",
        "targets: {sagemaker: {region: eu-west-1, bucket: my-bucket, role: arn:aws:iam::123456789012:role/trainer}}",
    ),
)
