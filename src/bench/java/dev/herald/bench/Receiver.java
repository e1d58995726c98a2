package dev.herald.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;

/**
 * Where the server under test posts its events, in WuKongIM's form: {@code ?event=name} and an array or an object. It stays
 * while the driver runs: a server that was refused between two runs would come back late to the second one.
 */
public final class Receiver {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<Integer, Receiver> BY_PORT = new ConcurrentHashMap<>();

    private volatile BiConsumer<String, JsonNode> sink = (event, body) -> {};

    private Receiver() {}

    /** @param sink told of each event with its name from now on, on many threads */
    public static void listen(int port, BiConsumer<String, JsonNode> sink) {
        BY_PORT.computeIfAbsent(port, Receiver::open).sink = sink;
    }

    private static Receiver open(int port) {
        try {
            Receiver receiver = new Receiver();
            HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 1024);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", receiver::take);
            server.start();
            return receiver;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void take(HttpExchange exchange) throws IOException {
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
}
