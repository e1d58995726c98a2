package dev.herald.it;

import dev.herald.model.ChannelKey;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Users who write to each other and a back end that commands, all the time and whatever fails; and what each of them
 * remembers of it. The back end repeats what was not answered with 200, under the same key and at any node.
 */
final class Load implements AutoCloseable {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int GROUPS = 4;
    private static final long MESSAGE_MILLIS = 40;
    private static final long COMMAND_MILLIS = 120;

    private final Vertx vertx;
    private final ThreeNodes nodes;
    private final Random random;
    private final String name;
    private final List<Roamer> devices = new ArrayList<>();
    private final Roamer watcher;
    private final Map<String, List<Roamer>> groups = new HashMap<>();
    private final Map<String, Roamer> authors = new ConcurrentHashMap<>();
    private final Map<String, String> groupOf = new ConcurrentHashMap<>();
    private final Map<Long, String> commands = new ConcurrentHashMap<>();
    private final ExecutorService backEnd = Executors.newSingleThreadExecutor();
    private volatile boolean stopped;
    private int written;
    private long timer;

    /** @param name begins every id, so that several can use the same nodes one after the other */
    Load(Vertx vertx, WebSocketClient client, ThreeNodes nodes, String name, int users, long seed) {
        this.vertx = vertx;
        this.nodes = nodes;
        this.name = name;
        this.random = new Random(seed);
        for (int user = 0; user < users; user++) {
            String uid = name + "u" + user;
            for (int flag = 0; flag <= user % 2; flag++) {
                devices.add(new Roamer(vertx, client, uid, flag, nodes::anyWs));
            }
        }
        watcher = new Roamer(vertx, client, name + "w", 0, nodes::anyWs);
        for (int group = 0; group < GROUPS; group++) {
            int number = group;
            groups.put(
                    name + "g" + group,
                    devices.stream()
                            .filter(device -> device.uid().hashCode() % 2 == number % 2 || number == 0)
                            .toList());
        }
    }

    List<Roamer> devices() {
        return devices;
    }

    List<String> uids() {
        return devices.stream().map(Roamer::uid).distinct().toList();
    }

    /** Who watches the others. */
    Roamer watcher() {
        return watcher;
    }

    boolean areAllConnected() {
        return devices.stream().allMatch(Roamer::isConnected);
    }

    /** Makes the groups and begins. */
    void start() {
        groups.forEach((id, members) -> insist("/channel", channel(id, members)));
        insist(
                "/presence/watch",
                JsonObject.of("uid", watcher.uid(), "add", new JsonArray(uids()))
                        .encode());
        watcher.watch();
        timer = vertx.setPeriodic(MESSAGE_MILLIS, tick -> write());
        backEnd.submit(this::command);
    }

    /** Nothing new is begun; what was begun goes on until it is acknowledged. */
    void stop() throws InterruptedException {
        stopped = true;
        vertx.cancelTimer(timer);
        backEnd.shutdown();
        if (!backEnd.awaitTermination(60, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the back end waits for its last answer");
        }
    }

    /** Messages that no SENDACK has come for. */
    List<String> unacknowledged() {
        return authors.entrySet().stream()
                .filter(sent -> !sent.getValue().sent().containsKey(sent.getKey()))
                .map(Map.Entry::getKey)
                .toList();
    }

    List<String> messages() {
        return List.copyOf(authors.keySet());
    }

    /** Ids of the commands that were answered with 200. */
    List<Long> commands() {
        return List.copyOf(commands.keySet());
    }

    /** Device and command of each that a member should have, and has not. */
    List<String> missingCommands() {
        return devices.stream()
                .flatMap(device -> commands.entrySet().stream()
                        .filter(command -> groups.get(command.getValue()).contains(device))
                        .filter(command -> !device.commands().containsKey(command.getKey()))
                        .map(command -> device.uid() + " " + command.getKey()))
                .toList();
    }

    /**
     * Messages that a device was given more than once, of the devices that stayed: who moves to a node that has just started
     * may be sent again what it had in the two seconds before.
     */
    List<String> repeatedMessages() {
        return devices.stream()
                .filter(device -> device.connections() == 1)
                .flatMap(device -> device.messages().entrySet().stream()
                        .filter(message -> message.getValue().get() > 1)
                        .map(message -> device.uid() + " " + message.getKey() + " " + message.getValue()))
                .toList();
    }

    /** What a member reads of each group: the messages by their place. */
    Map<String, Map<Long, String>> histories() {
        Map<String, Map<Long, String>> histories = new TreeMap<>();
        read().forEach((group, messages) -> histories.put(
                group,
                messages.stream()
                        .collect(Collectors.toMap(
                                message -> message.getLong("message_seq"),
                                message -> message.getString("client_msg_no"),
                                (one, other) -> one + " and " + other,
                                TreeMap::new))));
        return histories;
    }

    /** Ids of messages that stand in the histories more than once. */
    List<String> repeatedInHistory() {
        return repeated(read().values().stream()
                .flatMap(List::stream)
                .map(message -> String.valueOf(message.getLong("message_id")))
                .toList());
    }

    static List<String> repeated(List<String> all) {
        Set<String> seen = new HashSet<>();
        return all.stream().filter(each -> !seen.add(each)).toList();
    }

    /** The messages that were acknowledged, by their place. */
    Map<String, Map<Long, String>> acknowledged() {
        Map<String, Map<Long, String>> places = new TreeMap<>();
        groups.keySet().forEach(id -> places.put(id, new TreeMap<>()));
        authors.forEach((number, author) ->
                places.get(groupOf.get(number)).put(author.sent().get(number), number));
        return places;
    }

    /** Says what a node says when it is asked for these users: one text each with its count of devices. */
    List<String> online(HeraldProcess node) {
        return new JsonArray(node.post("/user/onlinestatus", new JsonArray(uids()).encode())
                        .body())
                .stream()
                        .map(JsonObject.class::cast)
                        .map(row -> row.getString("uid") + "-" + row.getInteger("device_flag"))
                        .sorted()
                        .toList();
    }

    @Override
    public void close() {
        stopped = true;
        vertx.cancelTimer(timer);
        backEnd.shutdownNow();
        devices.forEach(Roamer::close);
        watcher.close();
    }

    private void write() {
        String group = name + "g" + random.nextInt(GROUPS);
        List<Roamer> members = groups.get(group);
        Roamer author = members.get(random.nextInt(members.size()));
        String number = name + "-" + written++;
        authors.put(number, author);
        groupOf.put(number, group);
        author.send(ChannelKey.group(group), number);
    }

    private void command() {
        long begun = System.nanoTime();
        for (int i = 0; !stopped; i++) {
            String group = name + "g" + i % GROUPS;
            String payload = Base64.getEncoder()
                    .encodeToString(
                            "{\"type\":99,\"cmd\":\"%s-%d\"}".formatted(name, i).getBytes(StandardCharsets.UTF_8));
            insist(
                            "/message/send",
                            "{\"header\":{\"sync_once\":1},\"channel_id\":\"%s\",\"channel_type\":2,\"payload\":\"%s\"}"
                                    .formatted(group, payload))
                    .map(answer -> new JsonObject(answer).getJsonObject("data").getLong("message_id"))
                    .ifPresent(id -> commands.put(id, group));
            long due = begun + TimeUnit.MILLISECONDS.toNanos((i + 1) * COMMAND_MILLIS);
            java.util.concurrent.locks.LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    /** Asks any node until one says 200; empty if this was closed before. */
    private Optional<String> insist(String path, String json) {
        String key = name + "-" + Math.abs(json.hashCode()) + "-" + System.nanoTime();
        while (!Thread.currentThread().isInterrupted()) {
            try {
                HttpResponse<String> answer = HTTP.send(
                        HttpRequest.newBuilder(URI.create(nodes.anyHttp() + path))
                                .timeout(ANSWER)
                                .header("content-type", "application/json")
                                .header("Idempotency-Key", key)
                                .POST(HttpRequest.BodyPublishers.ofString(json))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 200) {
                    return Optional.of(answer.body());
                }
                if (answer.statusCode() < 409) {
                    throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
                }
            } catch (IOException e) {
                // Another node, or the same one later.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(200)));
        }
        return Optional.empty();
    }

    private Map<String, List<JsonObject>> read() {
        Map<String, List<JsonObject>> read = new TreeMap<>();
        groups.forEach((id, members) -> read.put(id, history(members.getFirst().uid(), id)));
        return read;
    }

    private List<JsonObject> history(String uid, String group) {
        List<JsonObject> read = new ArrayList<>();
        for (long from = 1; ; ) {
            JsonObject page = new JsonObject(insist(
                            "/channel/messagesync",
                            new JsonObject()
                                    .put("login_uid", uid)
                                    .put("channel_id", group)
                                    .put("channel_type", ChannelKey.GROUP)
                                    .put("start_message_seq", from)
                                    .put("end_message_seq", 0)
                                    .put("pull_mode", 1)
                                    .put("limit", 1_000)
                                    .encode())
                    .orElseThrow());
            JsonArray messages = page.getJsonArray("messages");
            if (messages.isEmpty()) {
                return read;
            }
            for (Object each : messages) {
                JsonObject message = (JsonObject) each;
                read.add(message);
                from = Math.max(from, message.getLong("message_seq") + 1);
            }
        }
    }

    private static String channel(String id, List<Roamer> members) {
        return new JsonObject()
                .put("channel_id", id)
                .put("channel_type", ChannelKey.GROUP)
                .put(
                        "subscribers",
                        new JsonArray(
                                members.stream().map(Roamer::uid).distinct().toList()))
                .encode();
    }

    /** The texts of the events that the back end took, of one kind. */
    static Stream<String> taken(Receiver receiver, String event) {
        return receiver.taken().stream()
                .filter(arrival -> arrival.uri().endsWith("?event=" + event))
                .flatMap(arrival -> IntStream.range(0, arrival.events().size())
                        .mapToObj(i -> String.valueOf(arrival.events().getValue(i))));
    }
}
