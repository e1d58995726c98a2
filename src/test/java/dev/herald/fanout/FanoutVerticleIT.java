package dev.herald.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.herald.bus.Addresses;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.ReadInbox;
import dev.herald.bus.message.PresenceMessage.SessionInfo;
import dev.herald.bus.message.SocketMessage.Place;
import dev.herald.bus.message.SocketMessage.Wake;
import dev.herald.channel.ChannelEdit;
import dev.herald.channel.Channels;
import dev.herald.channel.MemberEdit;
import dev.herald.it.ChannelEdits;
import dev.herald.it.LosableRedis;
import dev.herald.it.TestRedis;
import dev.herald.model.ChannelKey;
import dev.herald.model.DeviceFlag;
import dev.herald.redis.UserKeys;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.redis.client.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
@Tag("redis-cluster")
class FanoutVerticleIT {
    @RegisterExtension
    final Node node = new Node("page", "100", "sweep", "PT0.1S");

    @Test
    void reaches_ten_thousand_members_once_each_in_the_order_of_the_commands() {
        long channel = node.channel("g1", 10_000);
        long first = node.command(channel, 1);
        long second = node.command(channel, 1);
        long third = node.command(channel, 1);

        node.deploy(1);
        await().atMost(Duration.ofSeconds(30)).until(node::allDone);

        Map<String, List<String>> inboxes = node.inboxes(
                IntStream.rangeClosed(1, 10_000).mapToObj(Node::uid).toList());
        assertThat(inboxes).hasSize(10_000);
        assertThat(inboxes.values()).allMatch(Node.pointers(first, second, third)::equals);
        assertThat(node.sql("select written from cmd"))
                .extracting(row -> row.getInteger(0))
                .containsOnly(10_000);
    }

    @Test
    void addresses_the_members_as_of_the_command_and_its_leavers_if_asked() {
        long channel = node.channel("g1", 0);
        node.sql("""
                insert into member (channel, uid, since, until) values
                    ($1, 'stays', 1, null), ($1, 'left-before', 1, 4), ($1, 'leaves', 1, 5), ($1, 'leaves-later', 2, 7),
                    ($1, 'joins', 5, null), ($1, 'joins-later', 6, null), ($1, 'back-again', 1, 5), ($1, 'back-again', 5, null)""", channel);
        long plain = node.command(channel, 5);
        long withLeavers = node.command(channel, 5, true);

        node.deploy(1);
        await().until(node::allDone);

        List.of("stays", "leaves-later", "joins", "back-again")
                .forEach(uid -> assertThat(node.inbox(uid)).as(uid).isEqualTo(Node.pointers(plain, withLeavers)));
        assertThat(node.inbox("leaves")).isEqualTo(Node.pointers(withLeavers));
        List.of("left-before", "joins-later")
                .forEach(uid -> assertThat(node.inbox(uid)).as(uid).isEmpty());
    }

    @Test
    void a_visitor_is_told_as_its_members_are_also_when_all_of_them_have_left() {
        Channels channels = new Channels(node.pg, true);
        ChannelKey visitors = new ChannelKey("v1", ChannelKey.VISITORS);
        ChannelKey service = new ChannelKey("v2|desk", ChannelKey.CUSTOMER_SERVICE);
        for (ChannelKey key : List.of(visitors, service)) {
            for (MemberEdit edit :
                    List.of(new MemberEdit.Add(List.of("agent")), new MemberEdit.Replace(List.of()), MemberEdit.KEEP)) {
                node.call(() -> ChannelEdits.make(
                        channels,
                        key,
                        ChannelEdit.upsert(info -> info.with(JsonObject.of("edit", edit.toString())), edit)));
            }
        }
        node.deploy(1);
        await().until(node::allDone);
        for (int life = 0; life < 2; life++) {
            assertThat(names("v1")).as("life %d", life).isEqualTo(commandsOf(visitors));
            assertThat(names("v2")).as("life %d", life).isEqualTo(commandsOf(service));
            node.redis(Command.FLUSHALL);
        }
    }

    @Test
    void reaches_each_named_user_once_however_often_and_in_what_script_it_is_named() {
        List<String> uids = new ArrayList<>(List.of("Zoë", "zoe", "Ärger", "日本", "😀", "{brace}", "a b", "A"));
        IntStream.rangeClosed(1, 250).mapToObj(Node::uid).forEach(uids::add);
        List<String> twice = new ArrayList<>(uids);
        twice.addAll(uids);
        long command = node.command(twice.toArray(String[]::new));

        node.deploy(1);
        await().until(node::allDone);

        assertThat(node.inboxes(uids).values()).hasSize(258).allMatch(Node.pointers(command)::equals);
    }

    @Test
    void what_is_over_is_read_by_nobody_and_hides_nothing_behind_it() {
        long over = node.command("u1");
        long next = node.command("u1");
        node.sql("update cmd set expire = 1, created_at = now() - interval '1 minute' where id = $1", over);

        node.deploy(1);
        await().until(node::allDone);

        InboxPage page = node.call(() -> node.bus.request(Addresses.INBOX_READ, new ReadInbox("u1", 0, 10)));
        assertThat(page.entries())
                .extracting(entry -> entry.command().id() + " at " + entry.seq())
                .containsExactly(next + " at 2");
        assertThat(page.tail()).isEqualTo(2);
    }

    @Test
    void a_command_that_nobody_is_addressed_by_is_done_all_the_same() {
        node.command(node.channel("empty", 0), 1);
        node.deploy(1);
        await().until(node::allDone);
    }

    @Test
    void is_told_of_new_commands_and_does_not_wait_for_its_sweep() {
        try (Node slow = new Node("sweep", "PT1H")) {
            slow.deploy(1);
            long command = slow.command("u1");
            slow.call(() -> slow.bus.request(Addresses.COMMANDS_PENDING, Done.DONE));
            await().until(() -> slow.isDone(command));
        }
    }

    @Test
    void works_off_a_channel_with_many_commands_without_waiting_for_sweeps() {
        try (Node slow = new Node("sweep", "PT1H")) {
            long busy = slow.channel("busy", 3);
            long[] commands = IntStream.range(0, 300)
                    .mapToLong(i -> slow.command(busy, 1))
                    .toArray();
            long last = slow.command(slow.channel("calm", 1), 1);
            slow.deploy(1);
            await().until(slow::allDone);
            assertThat(slow.inbox(Node.uid(2))).isEqualTo(Node.pointers(commands));
            assertThat(slow.isDone(last)).isTrue();
        }
    }

    @Test
    void works_off_more_commands_than_run_at_once() {
        try (Node slow = new Node("sweep", "PT1H", "commands.concurrency", "4")) {
            long[] commands = IntStream.range(0, 200)
                    .mapToLong(i -> slow.command("u" + i))
                    .toArray();
            slow.deploy(1);
            await().until(slow::allDone);
            IntStream.range(0, 200).forEach(i -> assertThat(slow.inbox("u" + i)).isEqualTo(Node.pointers(commands[i])));
        }
    }

    @Test
    void leaves_a_channel_alone_while_another_node_is_at_an_earlier_command() {
        long channel = node.channel("g1", 1);
        long first = node.command(channel, 1);
        long second = node.command(channel, 1);
        node.sql("update cmd set lease_owner = 7, lease_until = now() + interval '1 hour' where id = $1", first);
        node.sql("update cmd set epoch = 1");
        long elsewhere = node.command("u9");

        node.deploy(1);
        await().until(() -> node.isDone(elsewhere));
        assertThat(node.inbox(Node.uid(1))).isEmpty();

        node.sql("update cmd set lease_until = now() where id = $1", first);
        await().until(node::allDone);
        assertThat(node.inbox(Node.uid(1))).isEqualTo(Node.pointers(first, second));
    }

    @Test
    void wakes_the_sockets_of_each_node_with_the_places_of_its_sessions() {
        List<Wake> wakes = new CopyOnWriteArrayList<>();
        node.bus.serve(Addresses.SOCKETS_WAKE, wake -> {
            wakes.add(wake);
            return Future.succeededFuture(Done.DONE);
        });
        session("here", SessionInfo.id(5, 1));
        session("here", SessionInfo.id(5, 2));
        session("elsewhere", SessionInfo.id(6, 1));
        session("both", SessionInfo.id(6, 2));
        session("both", SessionInfo.id(5, 0xffff_ffffL));
        long before = node.command("both");
        node.deploy(5);
        await().until(node::allDone);
        long command = node.command("here", "elsewhere", "both", "offline");
        long unheard = node.command("elsewhere", "offline");
        await().until(node::allDone);
        await().until(() -> wakes.size() == 5);

        assertThat(wakes)
                .extracting(wake -> wake.command().id())
                .containsExactly(before, before, command, command, unheard);
        assertThat(wakes.subList(2, 4))
                .extracting(wake -> Set.copyOf(wake.places()))
                .containsExactlyInAnyOrder(
                        Set.of(new Place("here", 1), new Place("both", 2)),
                        Set.of(new Place("elsewhere", 1), new Place("both", 2)));
        assertThat(wakes.getLast().places()).containsExactly(new Place("elsewhere", 2));
        assertThat(wakes.getLast().command().payload().text()).isEqualTo("{}");
    }

    /** More long ones than may run at once, each far longer than it takes to reach one user. */
    @Test
    void long_commands_do_not_hold_up_a_short_one() {
        try (Node busy = new Node("page", "10", "commands.concurrency", "4", "sweep", "PT0.1S")) {
            long[] many = IntStream.range(0, 6)
                    .mapToLong(i -> busy.command(busy.channel("big" + i, 3_000), 1))
                    .toArray();
            busy.deploy(1);
            await().until(() -> !busy.inbox(Node.uid(1)).isEmpty());
            long one = busy.command("u1");
            await().atMost(Duration.ofSeconds(60)).until(busy::allDone);

            assertThat(busy.sql("select id from cmd order by done_at limit 1")
                            .getFirst()
                            .getLong(0))
                    .isEqualTo(one);
            assertThat(busy.sql("select written from cmd where id <> $1", one))
                    .hasSize(many.length)
                    .allMatch(row -> row.getInteger(0) == 3_000);
            assertThat(busy.inbox(Node.uid(3_000))).hasSize(many.length);
        }
    }

    @Test
    void a_broken_inbox_stops_neither_its_page_nor_other_commands() {
        node.redis(Command.SET, UserKeys.inbox(Node.uid(7)), "foreign");
        long channel = node.channel("g1", 150);
        long first = node.command(channel, 1);
        long second = node.command(channel, 1);
        long other = node.command(Node.uid(8));

        node.deploy(1);
        await().until(node::allDone);

        assertThat(node.inbox(Node.uid(150))).isEqualTo(Node.pointers(first, second));
        assertThat(node.inbox(Node.uid(8))).hasSize(3).anyMatch(pointer -> pointer.endsWith(":" + other));
    }

    @Test
    void a_lost_connection_in_the_middle_loses_and_doubles_nothing() {
        try (LosableRedis own = new LosableRedis(Node.uid(1));
                Node quick = new Node(
                        "redis.url", own.url(), "page", "50", "commands.lease", "PT0.3S", "sweep", "PT0.05S")) {
            long channel = quick.channel("g1", 5_000);
            long first = quick.command(channel, 1);
            long second = quick.command(channel, 1);
            quick.deploy(1);
            for (int seen = 1; seen < 5; seen++) {
                int members = seen * 1000;
                await().until(() -> !quick.inbox(Node.uid(members)).isEmpty());
                quick.redis(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes");
            }
            await().atMost(Duration.ofSeconds(30)).until(quick::allDone);
            assertThat(quick.inboxes(IntStream.rangeClosed(1, 5_000)
                                    .mapToObj(Node::uid)
                                    .toList())
                            .values())
                    .allMatch(Node.pointers(first, second)::equals);
        }
    }

    @Test
    void uses_no_redis_that_may_evict_an_inbox() {
        try (TestRedis redis = new TestRedis().start("--save", "", "--maxmemory-policy", "allkeys-lru");
                Node other = new Node("redis.url", redis.url())) {
            assertThatThrownBy(() -> other.deploy(1)).hasMessageContaining("must have maxmemory-policy noeviction");
        }
    }

    private List<Long> names(String uid) {
        return Reader.ids(new Reader(node, uid, DeviceFlag.APP).read(0));
    }

    /** Of each kind the newest: they are coalesced. */
    private List<Long> commandsOf(ChannelKey key) {
        return node
                .sql("select max(id) as id from cmd where channel_id = $1 group by coalesce_key order by id", key.id())
                .stream()
                .map(row -> row.getLong(0))
                .toList();
    }

    private void session(String uid, long id) {
        node.redis(Command.HSET, UserKeys.sessions(uid), id, "data");
    }
}
