package dev.herald.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** A node as it is used from outside, wherever it runs. */
public interface Reached {
    HttpClient HTTP = HttpClient.newHttpClient();

    /** Of its API, without a slash at the end, like the others. */
    String http();

    String ws();

    String management();

    default HttpResponse<String> post(String path, String json) {
        return call("POST", path, json);
    }

    default HttpResponse<String> call(String method, String path, String json) {
        return send(HttpRequest.newBuilder(URI.create(http() + path))
                .header("content-type", "application/json")
                .method(method, BodyPublishers.ofString(json))
                .build());
    }

    default HttpResponse<String> get(String url) {
        return send(HttpRequest.newBuilder(URI.create(url)).build());
    }

    static HttpResponse<String> send(HttpRequest request) {
        try {
            return HTTP.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
