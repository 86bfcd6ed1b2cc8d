"""Spark's web pages: available through the server under any base URL, and closed to everyone else."""

from __future__ import annotations

import html
import json
import re
import urllib.error
import urllib.request
from urllib.parse import urljoin, urlsplit

import pytest
from live import TOKEN, Notebook, Server

pytestmark = pytest.mark.spark

#: Pages of the driver's UI, without the pages of single jobs and queries, which are found by links.
PAGES = ("jobs", "stages", "storage", "environment", "executors", "SQL", "StreamingQuery")

#: Content for every page.
WORK = """
import time
spark.range(1000).repartition(3).groupBy('id').count().collect()
spark.range(5).cache().count()
stream = spark.readStream.format('rate').load().writeStream.format('noop').start()
while not stream.lastProgress:
    time.sleep(0.1)
stream.stop()
"""


def read(url: str, token: str = TOKEN) -> tuple[int, str, str]:
    """Return status, text and final URL; a redirect is followed with the same token."""
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.url
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), url


def links_of(text: str) -> list[str]:
    """Return the links and resources of a page, without those in scripts."""
    if not text.lstrip().lower().startswith(("<!doctype html", "<html")):
        return []
    still = re.sub(r"(<script[^>]*>).*?</script>", r"\1", text, flags=re.DOTALL)
    return [html.unescape(link) for link in re.findall(r'(?:href|src)="([^"#]+)"', still)]


def test_every_page_and_its_links_are_available_through_the_server(
    notebook: Notebook, prefixed: Server, cluster_id: str
) -> None:
    notebook.run(WORK).ok()
    ui = f"{prefixed.url}api/dbx/clusters/{cluster_id}/spark-ui"

    logs = f"{prefixed.url}api/dbx/clusters/{cluster_id}/log/download?path="

    status, _, url = read(ui)
    assert (status, url) == (200, f"{ui}/jobs/")

    # Of the pages of single jobs, stages and queries, one of each kind is enough. Queries are begun with the newest:
    # pages name only those of their own jobs, and the first job on this cluster need not have been a query's.
    application = json.loads(read(f"{ui}/api/v1/applications")[1])[0]["id"]
    queries = json.loads(read(f"{ui}/api/v1/applications/{application}/sql?length=10000")[1])
    pages = {page: f"{ui}/{page}/" for page in PAGES}
    pages["SQL/execution/?id=N"] = f"{ui}/SQL/execution/?id={queries[-1]['id']}"
    for url in (todo := list(pages.values())):  # grows during the loop
        status, text, _ = read(url)
        assert status == 200, url
        links = {urljoin(url, link) for link in links_of(text)}
        outside = {link for link in links if not link.startswith(ui)}
        assert all(link.startswith(logs) or "spark.apache.org" in link for link in outside), outside
        for link in sorted(links - outside):
            kind = re.sub(r"\d+", "N", link.removeprefix(f"{ui}/"))
            if kind.rstrip("/") not in pages:
                pages[kind] = link
                todo.append(link)
    assert {"jobs/job/?id=N", "stages/stage/?id=N&attempt=N"} <= set(pages), sorted(pages)


def test_link_in_the_notebook_leads_through_the_server(notebook: Notebook, server: Server) -> None:
    for value in ("spark", "sc"):
        (href,) = re.findall('href="([^"]+)"', notebook.run(value).ok().results[-1]["text/html"])
        status, text, _ = read(urljoin(server.url, href))
        assert status == 200 and "Spark Jobs" in text


def test_links_to_executor_logs_lead_to_the_server(notebook: Notebook, prefixed: Server, cluster_id: str) -> None:
    notebook.run("spark.range(1).count()").ok()
    base = urlsplit(prefixed.url)
    ui = f"{prefixed.url}api/dbx/clusters/{cluster_id}/spark-ui/api/v1"
    application = json.loads(read(f"{ui}/applications")[1])[0]["id"]

    executors = json.loads(read(f"{ui}/applications/{application}/allexecutors")[1])

    links = [executor["executorLogs"]["stderr"] for executor in executors if executor["id"] != "driver"]
    assert len(links) >= 2
    for link in links:
        status, text, _ = read(f"{base.scheme}://{base.netloc}{link}")
        assert status == 200 and "CoarseGrainedExecutorBackend" in text


def test_the_master_ui_is_available_too(server: Server, cluster_id: str) -> None:
    status, text, _ = read(f"{server.url}api/dbx/clusters/{cluster_id}/master-ui/")

    assert status == 200
    assert "Spark Master at" in text and "Workers (2)" in text


def test_ports_of_spark_reject_requests(server: Server, cluster_id: str) -> None:
    facts = server.driver_facts(cluster_id)

    for origin in (facts["ui_url"], facts["master_ui_url"]):
        status, _, _ = read(f"{origin}/", token="")
        assert status == 403
        status, _, _ = read(f"{origin}/")  # with the server's token
        assert status == 403


def test_only_users_of_the_server_are_admitted(server: Server, cluster_id: str) -> None:
    ui = f"{server.url}api/dbx/clusters/{cluster_id}/spark-ui/jobs/"

    assert "Spark Jobs" not in read(ui, token="")[1]
    assert read(ui, token="wrong")[0] in (302, 403) or "Spark Jobs" not in read(ui, token="wrong")[1]


def test_missing_pages_are_an_error(server: Server, cluster_id: str) -> None:
    assert read(f"{server.url}api/dbx/clusters/{cluster_id}/spark-ui/api/v1/nonsense")[0] == 404
    status, text, _ = read(f"{server.url}api/dbx/clusters/nothing/spark-ui/jobs/")
    assert status == 400 and "Cluster nothing does not exist" in text
