package dev.herald.bench.scenario;

import dev.herald.bench.World;
import dev.herald.bench.measure.Latency;
import dev.herald.bench.measure.Meter;
import dev.herald.bench.measure.Result;
import dev.herald.bench.net.Client;
import dev.herald.model.ChannelKey;
import dev.herald.wire.Frame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Commands to a group of which hardly anybody is online. A server that walks the members in the order of their uids has
 * reached all of them when the last one, who is online, has the command; afterwards some of the absent pull what they missed.
 */
final class FanOut implements Scenario {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int MEMBERS_A_CALL = 10_000;
    private static final int ASKED = 20;

    private final Map<String, Long> sentAt = new HashMap<>();
    private final Map<String, Set<String>> got = new HashMap<>();
    private final Latency reached = new Latency();

    @Override
    public void run(World world, Result result) throws Exception {
        int members = world.settings().number("members", 10_000);
        int online = world.settings().number("online", 10);
        int commands = world.settings().number("commands", 10);
        int atOnce = world.settings().number("at-once", 1);
        List<Client> clients = new Crowd(world, result, listener(result))
                .connect(online, 16, i -> world.name("z" + i));
        List<String> absent = new ArrayList<>();
        for (int i = 0; i < members - online; i++) {
            absent.add(world.name("m%07d".formatted(i)));
        }
        String group = world.name("group");
        fill(world, group, clients, absent);
        send(world, result, group, clients.size(), "w", 1, 1);
        world.loop().pause(world.warmUp());
        world.loop().run(reached::reset);
        Meter meter = world.meter();
        send(world, result, group, clients.size(), "c", commands, atOnce);
        meter.stop(result, "member", (long) members * commands);
        result.latency("last online member", reached);
        pull(world, result, absent, commands + 1);
        world.loop().run(() -> clients.forEach(Client::close));
    }

    private static void fill(World world, String group, List<Client> clients, List<String> absent) {
        world.api().group(group, clients.stream().map(Client::uid).toList());
        for (int from = 0; from < absent.size(); from += MEMBERS_A_CALL) {
            List<String> some = absent.subList(from, Math.min(absent.size(), from + MEMBERS_A_CALL));
            world.api()
                    .post(
                            "/channel/subscriber_add",
                            Map.of("channel_id", group, "channel_type", ChannelKey.GROUP, "subscribers", some));
            world.say(from + some.size() + " members");
        }
    }

    /** So many at once; returns when all have reached everybody who is online. */
    private void send(World world, Result result, String group, int online, String kind, int count, int atOnce)
            throws Exception {
        for (int from = 0; from < count; from += atOnce) {
            for (int i = from; i < Math.min(count, from + atOnce); i++) {
                String name = world.name(kind + i);
                world.loop().run(() -> sentAt.put(name, System.nanoTime()));
                world.api().post("/message/send", command(group, name));
            }
            int sent = Math.min(count, from + atOnce);
            if (!world.loop().await(PATIENCE, () -> complete(world, kind, sent, online))) {
                result.problem("a command did not reach everybody who is online in " + PATIENCE);
                return;
            }
        }
    }

    private boolean complete(World world, String kind, int count, int online) {
        for (int i = 0; i < count; i++) {
            if (got.getOrDefault(world.name(kind + i), Set.of()).size() < online) {
                return false;
            }
        }
        return true;
    }

    static Map<String, Object> command(String group, String name) {
        byte[] payload = "{\"type\":99,\"cmd\":\"channelUpdate\"}".getBytes(StandardCharsets.UTF_8);
        return Map.of(
                "header", Map.of("sync_once", 1),
                "client_msg_no", name,
                "channel_id", group,
                "channel_type", ChannelKey.GROUP,
                "payload", Base64.getEncoder().encodeToString(payload));
    }

    private Client.Listener listener(Result result) {
        Client.Listener quiet = Crowd.quiet(result);
        return new Client.Listener() {
            @Override
            public void received(Client client, Frame frame) {
                quiet.received(client, frame);
                if (frame instanceof Frame.Recv recv && sentAt.get(recv.clientMsgNo()) instanceof Long at) {
                    reached.recordNanos(System.nanoTime() - at);
                    if (!got.computeIfAbsent(recv.clientMsgNo(), name -> new HashSet<>()).add(client.uid())) {
                        result.problem(client.uid() + " got a command twice");
                    }
                }
            }

            @Override
            public void lost(Client client, String why) {
                quiet.lost(client, why);
            }
        };
    }

    private static void pull(World world, Result result, List<String> absent, int expected) {
        for (int i = 0; i < Math.min(ASKED, absent.size()); i++) {
            String uid = absent.get(world.random().nextInt(absent.size()));
            int found = world.api()
                    .post("/message/sync", Map.of("uid", uid, "limit", 1_000))
                    .size();
            if (found != expected) {
                result.problem(uid + " can pull " + found + " of " + expected + " commands");
            }
        }
    }
}
