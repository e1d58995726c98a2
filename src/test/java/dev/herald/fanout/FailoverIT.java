package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.it.RedisCluster;
import dev.herald.it.RedisFailover;
import dev.herald.it.TestRedis;
import dev.herald.model.DeviceFlag;
import dev.herald.redis.UserKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Promise C1 when a master dies with what its replica has not got, and the replica takes its place. */
@Timeout(120)
class FailoverIT {
    private static final int MEMBERS = 200;
    private static final int ROUNDS = 20;

    @Test
    void sentinels_name_another_master_and_no_command_is_lost() {
        try (RedisFailover redis = new RedisFailover();
                Node node = node(redis.url())) {
            survives(node, redis.master(), redis.replica(), List.of(Node.uid(1), Node.uid(MEMBERS)));
        }
    }

    @Test
    void a_replica_takes_over_in_a_cluster_and_no_command_is_lost() {
        try (RedisCluster redis = RedisCluster.start(1);
                Node node = node(redis.url())) {
            TestRedis dying = redis.server(0);
            List<String> uids = IntStream.rangeClosed(1, MEMBERS)
                    .mapToObj(Node::uid)
                    .filter(uid -> redis.masterOf(UserKeys.inbox(uid)) == dying)
                    .limit(2)
                    .toList();
            survives(node, dying, redis.server(3), uids);
        }
    }

    private static void survives(Node node, TestRedis master, TestRedis replica, List<String> uids) {
        node.deploy(1);
        long channel = node.channel("g1", MEMBERS);
        List<Reader> readers =
                uids.stream().map(uid -> new Reader(node, uid, DeviceFlag.APP)).toList();
        List<Long> commands = new ArrayList<>();
        post(node, channel, readers, commands);
        await().until(() -> node.allDone() && allRead(readers, commands));

        replica.fallBehind(master);
        post(node, channel, readers, commands);
        await().until(node::allDone);
        List<Long> unread = List.copyOf(commands);
        master.kill();
        replica.thaw();
        post(node, channel, readers, commands);

        await().atMost(Duration.ofSeconds(40)).until(() -> node.allDone() && allRead(readers, commands));
        assertThat(replica.tell("INFO replication")).contains("role:master");
        for (Reader reader : readers) {
            assertThat(reader.commands()).isEqualTo(commands);
            assertThat(reader.received()).extracting(Entry::seq).isSorted().doesNotHaveDuplicates();
        }
        // Who never read has it all waiting, also what only the dead master knew.
        String other = Node.uid(MEMBERS / 2);
        assertThat(Reader.ids(new Reader(node, other, DeviceFlag.APP).read(0)))
                .isEqualTo(commands)
                .containsAll(unread);
    }

    private static void post(Node node, long channel, List<Reader> readers, List<Long> commands) {
        for (int round = 0; round < ROUNDS; round++) {
            commands.add(node.command(channel, 1));
            node.bus.tell(Addresses.COMMANDS_PENDING, Done.DONE);
            readers.forEach(Reader::turn);
        }
    }

    private static boolean allRead(List<Reader> readers, List<Long> commands) {
        return readers.stream().allMatch(reader -> {
            reader.turn();
            return reader.commands().size() == commands.size();
        });
    }

    private static Node node(String url) {
        return new Node("redis.url", url, "page", "50", "sweep", "PT0.1S", "commands.lease", "PT1S");
    }
}
