package dev.herald.redis;

import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.RequestImpl;
import io.vertx.redis.client.impl.ZModem;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which master of a cluster has which keys. */
final class Slots {
    private static final int COUNT = 16_384;

    private final List<String> masters = new ArrayList<>();
    private final int[] owners = new int[COUNT];
    private final Map<String, List<String>> keys = new HashMap<>();

    private Slots() {
        Arrays.fill(owners, -1);
    }

    /**
     * @param answer of CLUSTER SLOTS: for each range its first and last slot, and then its servers, the master first
     * @param asked URL of the server that gave it: it may tell no host where it means itself
     */
    static Slots of(Response answer, RedisUrl url, String asked) {
        Slots slots = new Slots();
        for (Response range : answer) {
            String server = server(range.get(2).get(0), range.get(2).get(1));
            String master = url.data(
                    server.matches("(|\\?|null):\\d+")
                            ? URI.create(asked).getHost() + server.substring(server.indexOf(':'))
                            : server);
            if (!slots.masters.contains(master)) {
                slots.masters.add(master);
            }
            Arrays.fill(
                    slots.owners,
                    Integer.parseInt(range.get(0).toString()),
                    Integer.parseInt(range.get(1).toString()) + 1,
                    slots.masters.indexOf(master));
        }
        return slots;
    }

    static String server(Response host, Response port) {
        String name = String.valueOf(host);
        return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
    }

    /** Their URLs. */
    List<String> masters() {
        return List.copyOf(masters);
    }

    boolean areCovered() {
        return IntStream.of(owners).allMatch(owner -> owner >= 0);
    }

    /** Where a call belongs: of several keys the first decides; without any the first master will do. */
    String masterOf(Request request) {
        List<byte[]> named = ((RequestImpl) request).keys();
        return masters.get(named.isEmpty() ? 0 : owners[ZModem.generate(named.getFirst())]);
    }

    /** For each master a key that it has, the same as long as the slots stay where they are. */
    List<String> keysOfMasters(String name) {
        return keys.computeIfAbsent(name, it -> IntStream.range(0, masters.size())
                .boxed()
                .flatMap(master -> keyOf(name, master))
                .toList());
    }

    /** None, most unlikely, of a master that has hardly any slots. */
    private Stream<String> keyOf(String name, int master) {
        return IntStream.range(0, COUNT * 16)
                .mapToObj(tag -> name + ":{" + tag + "}")
                .filter(key -> owners[ZModem.generate(key)] == master)
                .limit(1);
    }
}
