package dev.herald.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;

/** Where the server under test posts its events, in WuKongIM's form: {@code ?event=name} and an array or an object. */
public final class Receiver implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @param sink told of each event with its name, on many threads */
    public Receiver(int port, BiConsumer<String, JsonNode> sink) throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 1024);
        server.setExecutor(threads);
        server.createContext("/", exchange -> take(exchange, sink));
        server.start();
    }

    private static void take(HttpExchange exchange, BiConsumer<String, JsonNode> sink) throws IOException {
        try (exchange) {
            String query = String.valueOf(exchange.getRequestURI().getQuery());
            String event = query.replaceFirst(".*event=", "");
            JsonNode body = JSON.readTree(exchange.getRequestBody());
            if (body.isArray()) {
                body.forEach(each -> sink.accept(event, each));
            } else {
                sink.accept(event, body);
            }
            exchange.sendResponseHeaders(200, -1);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
