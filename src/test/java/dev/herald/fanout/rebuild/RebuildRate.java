package dev.herald.fanout.rebuild;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.fanout.Node;
import dev.herald.fanout.inbox.InboxCalls;
import dev.herald.fanout.inbox.InboxCalls.Run;
import dev.herald.redis.RedisScript;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * Measures what it costs that Redis is taken for one that lost something: all inboxes are rebuilt, though nothing is
 * missing, and again when all is missing. For {@code docs/decisions/013}; run it by hand: {@code java … RebuildRate USERS COMMANDS}.
 */
public final class RebuildRate {
    private static final RedisScript POSITION = InboxCalls.load("inbox-position");
    private static final int TOUCHED_AT_ONCE = 1_000;

    private final Node node = new Node("sweep", "PT0.1S");
    private final int users;

    private RebuildRate(int users) {
        this.users = users;
    }

    public static void main(String[] args) {
        new RebuildRate(Integer.parseInt(args[0])).run(Integer.parseInt(args[1]));
        Runtime.getRuntime().halt(0);
    }

    private void run(int commands) {
        long channel = node.channel("g1", users);
        IntStream.range(0, commands).forEach(i -> node.command(channel, 1));
        String fanOut = node.deploy(1);
        node.bus.publish(Addresses.COMMANDS_PENDING, Done.DONE);
        Awaitility.await().atMost(Duration.ofMinutes(5)).until(node::allDone);
        node.undeploy(fanOut);
        node.call(() -> node.epoch.check(node.redis));
        for (int i = 0; i < 3; i++) {
            node.redis(Command.DEL, "herald:epoch");
            measure("nothing is missing", commands);
        }
        for (int i = 0; i < 3; i++) {
            node.redis(Command.FLUSHDB);
            measure("all is missing", commands);
        }
        measure("in order: the touch alone", commands);
    }

    private void measure(String what, int commands) {
        node.call(() -> node.epoch.check(node.redis));
        long redisBefore = cpuOfRedis();
        long ownBefore = ownCpu();
        long begun = System.nanoTime();
        for (int from = 1; from <= users; from += TOUCHED_AT_ONCE) {
            List<Run> touches = IntStream.range(from, Math.min(users + 1, from + TOUCHED_AT_ONCE))
                    .mapToObj(i -> Run.of(Node.uid(i)))
                    .toList();
            node.call(() -> node.calls().evalEach(POSITION, touches));
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        System.out.printf(
                "%s: %d users with %d commands in %.2f s, %.0f users/s; CPU us a user: Redis %.1f, this %.1f%n",
                what,
                users,
                commands,
                seconds,
                users / seconds,
                (cpuOfRedis() - redisBefore) / 1e3 / users,
                (ownCpu() - ownBefore) / 1e3 / users);
    }

    private static long ownCpu() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .orElse(Duration.ZERO)
                .toNanos();
    }

    /** As Redis counts it, in nanoseconds. */
    private long cpuOfRedis() {
        String info = node.redis(Command.INFO, "cpu").toString();
        return info.lines()
                .filter(line -> line.startsWith("used_cpu_user:") || line.startsWith("used_cpu_sys:"))
                .mapToLong(line -> Math.round(Double.parseDouble(line.substring(line.indexOf(':') + 1)) * 1e9))
                .sum();
    }
}
