"""Lists, faults and Cloud Storage at Google's stand-in, as its protos and pages document them."""

from __future__ import annotations

import base64
import http.client
import urllib.error
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from cloud_nas.rehearse.faults import FAULTS

from .google_asked import ask, custom, get, listed, made, table, tuning

if TYPE_CHECKING:
    from cloud_nas.rehearse.gcp import StandIn

pytest.importorskip("google.cloud.aiplatform_v1")


@pytest.fixture
def three(google: StandIn) -> StandIn:
    """Three jobs, an hour apart, the first of which is cancelled and the second ended well."""
    names = []
    for number in range(3):
        names.append(
            made(google, "customJobs", custom(google, displayName=f"job {number}", labels={"n": str(number), "of": "3"}))
        )
        if number == 0:
            ask(google, "POST", f"/v1/{names[0]}:cancel", {})
        if number < 2:
            google.advance(3600)
    return google


def moment(cloud: StandIn, number: int) -> str:
    return str(get(cloud, listed(cloud, "customJobs", filter=f"labels.n={number}")[0]["name"])["createTime"])


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ("", {"0", "1", "2"}),
        ("labels.n=1", {"1"}),
        ('labels.n="1"', {"1"}),
        ("labels.n=1 AND labels.of=3", {"1"}),
        ("labels.n=1 AND labels.of=4", set()),
        ("labels.of:*", {"0", "1", "2"}),
        ("labels.other:*", set()),
        ('display_name="job 2"', {"2"}),
        ('display_name!="job 2"', {"0", "1"}),
        ('display_name:"job*"', {"0", "1", "2"}),
        ('state="JOB_STATE_CANCELLED"', {"0"}),
        ("NOT state=JOB_STATE_CANCELLED", {"1", "2"}),
        ('state="JOB_STATE_CANCELLED" OR labels.n=2', {"0", "2"}),
        ("(labels.n=1 OR labels.n=2) AND state=JOB_STATE_PENDING", {"2"}),
    ],
)
def test_a_filter_lets_through_what_it_says(condition: str, numbers: set[str], three: StandIn) -> None:
    assert {one["labels"]["n"] for one in listed(three, "customJobs", filter=condition)} == numbers


def test_times_are_compared_as_times(three: StandIn) -> None:
    second = moment(three, 1)
    for how, numbers in ((">", {"2"}), (">=", {"1", "2"}), ("<", {"0"}), ("<=", {"0", "1"}), ("=", {"1"})):
        found = listed(three, "customJobs", filter=f'create_time{how}"{second}"')
        assert {one["labels"]["n"] for one in found} == numbers


@pytest.mark.parametrize("condition", ["label.n=1", "labels.n", "owner=me", "labels.n=1 AND", "(labels.n=1", "name:1 OR"])
def test_what_is_no_filter_is_refused(condition: str, three: StandIn) -> None:
    assert ask(three, "GET", "customJobs", filter=condition)[0] == 400


def test_pages_are_cut_the_newest_first_and_a_mask_hides_the_rest(three: StandIn) -> None:
    seen = []
    token = ""
    while True:
        _, page = ask(three, "GET", "customJobs", pageSize="1", pageToken=token, readMask="name,labels,createTime")
        assert all(set(one) == {"name", "labels", "createTime"} for one in page["customJobs"])
        seen += [one["labels"]["n"] for one in page["customJobs"]]
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert seen == ["2", "1", "0"]
    assert ask(three, "GET", "customJobs", pageToken="nonsense")[0] == 400


def test_data_sets_cannot_be_asked_for_by_their_time(google: StandIn) -> None:
    made(google, "datasets", table(google))
    assert ask(google, "GET", "datasets", filter='create_time>"2020-01-01T00:00:00Z"')[0] == 400
    assert len(listed(google, "datasets", filter='display_name="rows"')) == 1


# faults


def test_a_lost_reply_leaves_the_job(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, faults=["lost-reply"])
    with pytest.raises((http.client.HTTPException, urllib.error.URLError, ConnectionError)):
        ask(google, "POST", "customJobs", custom(google))
    assert len(listed(google, "customJobs")) == 1
    made(google, "customJobs", custom(google))
    assert google.faults.strikes["lost-reply"] == 1


def test_busy_and_quota_have_the_services_words(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, faults=["throttle", "quota"])
    answers = [ask(google, "POST", "customJobs", custom(google)) for _ in range(3)]
    assert [status for status, _ in answers] == [429, 429, 200]
    told = [answer["error"]["message"] for _, answer in answers[:2]]
    assert "quota metrics exceed" not in told[0] and "quota metrics exceed" in told[1]
    assert [ask(google, "GET", "customJobs")[0] for _ in range(4)] == [429, 200, 200, 429]


def test_a_login_expires_and_somebody_logs_in_again(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, faults=["expire"])
    made(google, "customJobs", custom(google))
    statuses = [ask(google, "GET", "customJobs")[0] for _ in range(9)]
    assert statuses[:3] == [200] * 3 and 401 in statuses and statuses[-1] == 200


def test_new_jobs_come_late_to_lists_which_begin_with_an_empty_page(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, faults=["slow-list"])
    name = made(google, "customJobs", custom(google))
    status, first = ask(google, "GET", "customJobs")
    assert status == 200 and "customJobs" not in first and first["nextPageToken"]
    looks = [[one["name"] for one in listed(google, "customJobs")] for _ in range(4)]
    assert looks[0] == [] and looks[-1] == [name]
    assert get(google, name)["name"] == name, "a job that is not in lists yet can be described"


def test_the_second_trial_dies(make_google: Callable[..., StandIn]) -> None:
    google = make_google(run_jobs=False, faults=["bad-trial"])
    name = made(google, "hyperparameterTuningJobs", tuning(google))
    for _ in range(200):
        google.advance(10)
    found = {one["id"]: one["state"] for one in get(google, name)["trials"]}
    assert found == {"1": "SUCCEEDED", "2": "INFEASIBLE", "3": "SUCCEEDED", "4": "SUCCEEDED"}


def test_an_unknown_fault_is_refused(make_google: Callable[..., StandIn]) -> None:
    with pytest.raises(ValueError, match="no such fault: earthquake"):
        make_google(run_jobs=False, faults=["earthquake", *FAULTS])


# Cloud Storage, by Google's own client


@pytest.fixture
def bucket(google: StandIn) -> Any:
    from google.cloud import storage

    return storage.Client(project=google.project).bucket(google.bucket)


def test_an_object_is_made_only_where_the_precondition_holds(bucket: Any) -> None:
    from google.api_core.exceptions import PreconditionFailed

    blob = bucket.blob("a/b c.txt")
    blob.metadata = {"sha256": "x"}
    blob.upload_from_string(b"one", if_generation_match=0)
    first = blob.generation
    with pytest.raises(PreconditionFailed):
        bucket.blob("a/b c.txt").upload_from_string(b"two", if_generation_match=0)
    bucket.blob("a/b c.txt").upload_from_string(b"two", if_generation_match=first)
    found = bucket.get_blob("a/b c.txt")
    assert found.download_as_bytes() == b"two" and found.generation != first and not found.metadata
    with pytest.raises(PreconditionFailed):
        found.delete(if_generation_match=first)
    found.delete()
    assert bucket.get_blob("a/b c.txt") is None


def test_an_object_is_read_in_parts_and_its_sums_are_right(bucket: Any) -> None:
    content = bytes(range(256)) * 1000
    blob = bucket.blob("large", chunk_size=256 * 1024)
    blob.upload_from_string(content)  # in one piece, whatever the size
    assert bucket.blob("large").download_as_bytes(checksum="md5") == content
    assert bucket.blob("large").download_as_bytes(start=1000, end=1999) == content[1000:2000]
    with bucket.blob("streamed", chunk_size=256 * 1024).open("wb") as file:
        for _ in range(4):
            file.write(content)
    found = bucket.get_blob("streamed")
    assert found.size == 4 * len(content) and found.download_as_bytes(checksum="crc32c") == content * 4
    assert base64.b64decode(found.crc32c)


def test_objects_are_listed_by_name_in_folders_and_pages(bucket: Any) -> None:
    for name in ("a/1", "a/2", "a/b/3", "c", "é ö"):
        bucket.blob(name).upload_from_string(name.encode())
    client = bucket.client
    assert [one.name for one in client.list_blobs(bucket, prefix="a/")] == ["a/1", "a/2", "a/b/3"]
    listing = client.list_blobs(bucket, prefix="a/", delimiter="/")
    assert ([one.name for one in listing], set(listing.prefixes)) == (["a/1", "a/2"], {"a/b/"})
    assert [one.name for one in client.list_blobs(bucket, page_size=2)] == ["a/1", "a/2", "a/b/3", "c", "é ö"]
    assert [one.name for one in client.list_blobs(bucket, max_results=2)] == ["a/1", "a/2"]


def test_objects_are_copied_and_put_together(bucket: Any) -> None:
    for name in ("x", "y"):
        bucket.blob(name).upload_from_string(name.encode())
    bucket.blob("xy").compose([bucket.blob("x"), bucket.blob("y")])
    bucket.copy_blob(bucket.blob("xy"), bucket, "d/copy")
    assert bucket.blob("d/copy").download_as_bytes() == b"xy" == bucket.blob("xy").download_as_bytes()


def test_a_bucket_says_where_it_is_and_another_is_not_there(google: StandIn, bucket: Any) -> None:
    from google.api_core.exceptions import NotFound

    found = bucket.client.get_bucket(google.bucket)
    assert (found.location, found.location_type) == (google.location.upper(), "region")
    for do in (lambda: bucket.client.get_bucket("other"), lambda: list(bucket.client.list_blobs("other"))):
        with pytest.raises(NotFound):
            do()


def test_rows_that_are_not_there_end_the_training_not_its_creation(make_google: Callable[..., StandIn]) -> None:
    from .google_asked import pipeline

    google = make_google()
    few = made(google, "trainingPipelines", pipeline(made(google, "datasets", table(google, rows=900))))
    gone = made(google, "datasets", table(google))
    google.storage.remove(f"gs://{google.bucket}/rows.csv")
    none = made(google, "trainingPipelines", pipeline(gone))
    for name in (few, none):
        for _ in range(300):
            found = get(google, name)
            if found["state"] == "PIPELINE_STATE_FAILED":
                break
        assert found["error"]["message"], found


def test_a_model_is_late_just_after_its_training(make_google: Callable[..., StandIn]) -> None:
    from .google_asked import pipeline

    google = make_google(run_jobs=False, faults=["slow-list"])
    name = made(google, "trainingPipelines", pipeline(made(google, "datasets", table(google))))
    google.settle()
    model = get(google, name)["modelToUpload"]["name"]
    assert [ask(google, "GET", f"/v1/{model}")[0] for _ in range(3)] == [404, 404, 200]
