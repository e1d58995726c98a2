package dev.herald.messaging.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.MessagingMessage.ChannelEvent;
import dev.herald.bus.message.MessagingMessage.ChannelMessage;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.SocketMessage;
import dev.herald.it.OnLoop;
import dev.herald.it.Sql;
import dev.herald.it.Stores;
import dev.herald.messagelog.MessageLog;
import dev.herald.messaging.roster.Rosters;
import dev.herald.model.ChannelKey;
import dev.herald.model.Delivery;
import dev.herald.model.Payload;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What other nodes have told of, while the members of a large channel are being read. */
@Timeout(60)
class ArrivalsIT {
    private final Vertx vertx = Vertx.vertx();
    private final OnLoop loop = new OnLoop(vertx.getOrCreateContext());
    private final PgClients pg = PgClients.open(vertx, Stores.freshPostgres(), 4);
    private final Sql sql = new Sql(pg.statements());
    private final Bus bus = new Bus(vertx);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<String> pushed = new CopyOnWriteArrayList<>();
    private final Promise<Void> pages = Promise.promise();
    private final Promise<Void> asked = Promise.promise();
    private final Arrivals arrivals = arrivals();

    private Arrivals arrivals() {
        Rosters rosters = new Rosters(new PgClients(pg.transactions(), heldPages(pg.statements())));
        Pushing pushing = new Pushing(bus, new MessageLog(pg), meters, () -> {});
        return new Arrivals(bus, rosters, new Sequencer<>(pushing, System::currentTimeMillis, 100), meters, () -> {});
    }

    /** Asks for pages of members only once the test lets it. */
    private SqlClient heldPages(SqlClient real) {
        return proxy(SqlClient.class, real, (method, arguments, result) -> {
            boolean isPage =
                    method.equals("preparedQuery") && arguments[0].toString().contains("uid > $2");
            return isPage
                    ? proxy(
                            io.vertx.sqlclient.PreparedQuery.class,
                            result,
                            (name, given, answer) -> name.equals("execute") ? held((Future<?>) answer) : answer)
                    : result;
        });
    }

    private Future<?> held(Future<?> page) {
        asked.tryComplete();
        return pages.future().compose(open -> page);
    }

    private interface Change {
        Object of(String method, Object[] arguments, Object result);
    }

    private static <T> T proxy(Class<T> type, Object real, Change change) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    try {
                        return change.of(method.getName(), arguments, method.invoke(real, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @BeforeEach
    void begin() {
        bus.hear(Addresses.SOCKETS_PUSH, pushes -> pushes.list()
                .forEach(push ->
                        pushed.add(push.uids().size() + " " + push.delivery().clientMsgNo())));
        bus.hear(Addresses.SOCKETS_EVENT, event -> pushed.add(event.uids().size() + " " + event.id()));
        sql.run("insert into channel (channel_id, channel_type, revision) values ('large', 2, 1), ('small', 2, 1)");
        sql.run("""
                insert into member (channel, uid, since) select pk, 'u' || n, 1 from channel, generate_series(1, 6000) n
                where channel_id = 'large' or n <= 2""");
    }

    @AfterEach
    void close() {
        Sql.await(vertx.close());
    }

    @Test
    void a_large_roster_holds_up_its_own_channel_only_and_there_nothing_overtakes() {
        take(message("large", 1), message("small", 1));
        take(message("large", 2), message("small", 2));
        take(message("large", 0), message("small", 0));
        ChannelEvent event = event();
        loop.call(() -> arrivals.take(event));

        Awaitility.await().until(() -> pushed.size() == 3);
        assertThat(pushed).containsExactly("2 small-1", "2 small-2", "2 small-0");
        pages.complete();
        Awaitility.await().until(() -> pushed.size() == 7);
        assertThat(pushed.subList(3, 7)).containsExactly("6000 large-1", "6000 large-2", "6000 large-0", "6000 event");
        assertThat(meters.counter("herald.messages.undelivered").count()).isZero();
    }

    @Test
    void an_event_that_cannot_be_pushed_is_counted() {
        ChannelEvent event = event();
        loop.call(() -> arrivals.take(event));
        Awaitility.await().until(() -> asked.future().isComplete());
        pages.fail("away");
        Awaitility.await()
                .until(() -> meters.counter("herald.messages.undelivered").count() == 1);
        assertThat(pushed).isEmpty();
    }

    private ChannelEvent event() {
        return new ChannelEvent(pk("large"), 1, ChannelKey.group("large"), Set.of(), "event", "note", 0, "{}");
    }

    private void take(ChannelMessage... messages) {
        loop.call(() -> arrivals.take(new ChannelMessages(List.of(messages))));
    }

    /** @param seq 0 if it is not stored */
    private ChannelMessage message(String group, long seq) {
        ChannelKey key = ChannelKey.group(group);
        Delivery delivery =
                new Delivery(seq, seq, "u1", key, group + "-" + seq, Delivery.Header.PLAIN, 0, 0, "", 0, Payload.EMPTY);
        return new ChannelMessage(pk(group), 1, key, delivery, SocketMessage.NO_SESSION, Set.of(), seq == 1, false);
    }

    private long pk(String group) {
        return Long.parseLong(sql.value("select pk from channel where channel_id = $1", group));
    }
}
