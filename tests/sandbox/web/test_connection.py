import http.client
import socket
import time


def test_one_connection_carries_many_calls_without_stalls(api):
    fastest = 1.0
    for _ in range(20):
        started = time.perf_counter()
        api.get("/limits")
        fastest = min(fastest, time.perf_counter() - started)
    # Nagle and a delayed acknowledgement together would cost 40 ms each time.
    assert fastest < 0.035
    assert api.server.connections <= 2


def test_half_a_request_does_not_hold_the_server(api):
    host, port = api.server.root.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as stuck:
        stuck.sendall(
            b"POST /default/services/oauth2/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
        )
        assert api.get("/limits").status_code == 200


def test_head_and_odd_methods(api):
    host = api.server.root.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("HEAD", "/default/services/data/")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    connection.request("BREW", "/default/services/data/v66.0/limits", headers=dict(api.session.headers))
    assert connection.getresponse().status == 405
    connection.close()


def test_an_answer_comes_in_one_piece(server):
    host, port = server.root.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /default/services/data HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert body.endswith(b"]")


def test_requests_sent_together_are_answered_in_turn(server):
    host, port = server.root.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        for path in ("/default/nowhere", "/default/style.css", "/default/services/data"):
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        received = b""
        while received.count(b"HTTP/1.1 ") < 3 or not received.endswith(b"]"):
            received += connection.recv(65_536)
    assert [int(each[:3]) for each in received.split(b"HTTP/1.1 ")[1:]] == [404, 200, 200]
