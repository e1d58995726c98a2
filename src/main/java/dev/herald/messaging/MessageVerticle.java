package dev.herald.messaging;

import dev.herald.account.SystemAccounts;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.Service;
import dev.herald.bus.message.Done;
import dev.herald.bus.message.MessagingMessage.ChannelEvent;
import dev.herald.bus.message.MessagingMessage.ChannelMessages;
import dev.herald.bus.message.MessagingMessage.MessageSent;
import dev.herald.bus.message.MessagingMessage.SendAnswer;
import dev.herald.bus.message.MessagingMessage.SendMessage;
import dev.herald.bus.message.MessagingMessage.SendMessages;
import dev.herald.bus.message.SocketMessage.Absent;
import dev.herald.bus.message.SocketMessage.AbsentQuery;
import dev.herald.bus.message.SocketMessage.Push;
import dev.herald.config.HeraldConfig;
import dev.herald.eventlog.EventLog;
import dev.herald.eventlog.EventType;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.lifecycle.InFlight;
import dev.herald.lifecycle.Periodic;
import dev.herald.lifecycle.SteadyClock;
import dev.herald.messagelog.MessageLog;
import dev.herald.messagelog.Tails;
import dev.herald.messaging.commit.Answers;
import dev.herald.messaging.commit.BatchCommit;
import dev.herald.messaging.commit.Commits;
import dev.herald.messaging.commit.Lanes;
import dev.herald.messaging.commit.MessageStore;
import dev.herald.messaging.delivery.Arrivals;
import dev.herald.messaging.delivery.Deliveries;
import dev.herald.messaging.delivery.Pushing;
import dev.herald.messaging.delivery.Sequencer;
import dev.herald.messaging.delivery.Stragglers;
import dev.herald.messaging.judge.ChannelTable;
import dev.herald.messaging.judge.Judge;
import dev.herald.messaging.judge.Pending;
import dev.herald.messaging.judge.SystemUids;
import dev.herald.messaging.roster.Rosters;
import dev.herald.model.Reason;
import dev.herald.postgres.PgClients;
import io.micrometer.core.instrument.Metrics;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores messages in micro-batches: while some commit, the next gather. */
public final class MessageVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(MessageVerticle.class);

    private static final int MAX_WAITING = 20_000;
    private static final int MAX_HELD = 10_000;

    /** Of the heap, for the payloads that wait; what is under way of a message has several times its size. */
    private static final int PAYLOAD_SHARE = 8;

    /** What is not stored, like "is typing", is refused first. */
    private static final int MAX_WAITING_FOR_PASSING = MAX_WAITING * 3 / 4;

    /** How old the knowledge of system accounts, and of what endpoints ask for, may be if no node said that it changed. */
    private static final Duration KNOWN_FOR = Duration.ofSeconds(10);

    private static final Duration GAPS_INTERVAL = Sequencer.PATIENCE.dividedBy(2);

    /** Far longer than a batch of another node holds its rows, and no sender minds. */
    private static final Duration LOCK_PATIENCE = Duration.ofMillis(150);

    private final Bus bus;
    private final Service service;
    private final SystemUids systemUids;
    private final UserRates rates;
    private final Sequencer<Push> order;
    private final Arrivals arrivals;
    private final Stragglers stragglers;
    private final InFlight inFlight = new InFlight(MAX_WAITING);
    private final Answers answers;
    private final Lanes lanes;
    private final PgClients pg;
    private final long maxPayloads = Runtime.getRuntime().maxMemory() / PAYLOAD_SHARE;
    private long payloads;
    private boolean eventsWanted;
    private List<Periodic> timers = List.of();

    public MessageVerticle(HeraldConfig config, Bus bus, PgClients pg) {
        this.bus = bus;
        this.service = new Service(bus);
        this.pg = pg;
        this.rates = new UserRates(
                config.messages().userRate(),
                SteadyClock::millis,
                Metrics.globalRegistry.counter("herald.sends.limited", "by", "user"));
        this.systemUids = new SystemUids(new SystemAccounts(pg));
        ChannelTable channels = new ChannelTable(pg, LOCK_PATIENCE);
        MessageStore store = new MessageStore(pg, () -> eventsWanted, LOCK_PATIENCE);
        Rosters rosters = new Rosters(pg);
        Judge judge = new Judge(channels, rosters, config.messages().personWhitelist(), systemUids);
        Pushing pushing = new Pushing(bus, new MessageLog(pg), Metrics.globalRegistry, this::lookForStragglers);
        this.order = new Sequencer<>(pushing, SteadyClock::millis, MAX_HELD);
        this.answers = new Answers(bus, task -> vertx.runOnContext(go -> task.run()));
        BatchCommit commit =
                new BatchCommit(bus, store, judge, answers, new Deliveries(bus, order, Metrics.globalRegistry));
        Commits commits = new Commits(
                commit::run,
                channels::busy,
                () -> vertx.timer(Commits.PAUSE.toMillis()),
                () -> bus.publish(Addresses.MESSAGES_UNTOLD, Done.DONE));
        this.lanes = new Lanes(commits::commit, new Ticks(), Metrics.globalRegistry.counter("herald.messages.slowed"));
        this.arrivals = new Arrivals(bus, rosters, order, Metrics.globalRegistry, this::lookForStragglers);
        this.stragglers = new Stragglers(
                new Others(bus), new Tails(pg), order, this::absent, arrivals::take, SteadyClock::millis);
    }

    /** The cluster as its bus has it. */
    private record Others(Bus bus) implements Stragglers.Cluster {
        @Override
        public Set<String> nodes() {
            return bus.nodes();
        }

        @Override
        public boolean isCut() {
            return !bus.unreachable().isEmpty();
        }
    }

    private Future<Set<String>> absent(Set<String> uids) {
        return bus.request(Addresses.SOCKETS_ABSENT, new AbsentQuery(uids)).map(Absent::uids);
    }

    @Override
    public Future<?> start() {
        Periodic refreshing = Periodic.start(vertx, "system accounts", KNOWN_FOR, systemUids::refresh);
        Periodic asking = Periodic.start(vertx, "events wanted", KNOWN_FOR, this::askWhetherEventsAreWanted);
        timers = List.of(
                refreshing,
                asking,
                Periodic.start(vertx, "gaps", GAPS_INTERVAL, this::lookAtGaps),
                Periodic.start(vertx, "stragglers", Stragglers.INTERVAL, stragglers::look));
        service.serve(Addresses.MESSAGE_SEND, this::send)
                .serve(Addresses.MESSAGES_COMMITTED, (ChannelMessages committed) -> arrivals.take(committed))
                .serve(Addresses.MESSAGE_EVENTS, (ChannelEvent event) -> arrivals.take(event))
                .hear(Addresses.MESSAGES_SEND, this::sendAll)
                .hear(Addresses.MESSAGES_UNTOLD, untold -> stragglers.expect())
                .hear(Addresses.WEBHOOKS_CHANGED, changed -> asking.nudge())
                .hear(Addresses.SYSTEM_ACCOUNTS_CHANGED, changed -> refreshing.nudge());
        return systemUids
                .refresh()
                .compose(known -> askWhetherEventsAreWanted())
                .compose(known -> stragglers.look())
                .compose(known -> service.ready());
    }

    /** Takes no more messages, then commits those that it took. */
    @Override
    public Future<?> stop() {
        return service.close()
                .eventually(inFlight::drain)
                .eventually(
                        () -> Future.join(timers.stream().map(Periodic::stop).toList()));
    }

    private void lookForStragglers() {
        stragglers.expect();
    }

    private Future<Void> lookAtGaps() {
        order.look();
        return Future.succeededFuture();
    }

    /** As long as nobody wants to be told of messages, they are stored without asking in each transaction. */
    private Future<Void> askWhetherEventsAreWanted() {
        return EventLog.wanted(pg.statements()).map(types -> {
            eventsWanted = types.stream().anyMatch(EventType.OF_MESSAGES::contains);
            return null;
        });
    }

    private Future<MessageSent> send(SendMessage message) {
        if (!rates.admit(message)) {
            return Future.succeededFuture(MessageSent.refused(Reason.RATE_LIMIT));
        }
        int size = message.payload().size();
        if (payloads + size > maxPayloads) {
            return Future.failedFuture(new HeraldException(Failure.OVERLOADED, payloads + " bytes wait"));
        }
        int share = message.header().noPersist() ? MAX_WAITING_FOR_PASSING : MAX_WAITING;
        return inFlight.run(share, () -> {
            Pending pending = Pending.of(message);
            payloads += size;
            lanes.add(pending);
            return pending.answer().future().onComplete(done -> payloads -= size);
        });
    }

    /** None waits for the answer of another. */
    private void sendAll(SendMessages messages) {
        List<SendMessage> list = messages.list();
        for (int i = 0; i < list.size(); i++) {
            int place = i;
            send(list.get(i))
                    .otherwise(cause -> MessageSent.refused(reasonOf(cause)))
                    .onSuccess(
                            sent -> answers.add(messages.answersTo(), new SendAnswer(messages.number(), place, sent)));
        }
    }

    private static Reason reasonOf(Throwable cause) {
        Failure failure = HeraldException.failureOf(cause);
        log.debug("a SEND failed: {} {}", failure, cause.getMessage());
        return failure == Failure.OVERLOADED ? Reason.RATE_LIMIT : Reason.SYSTEM_ERROR;
    }

    private final class Ticks implements Lanes.Clock {
        @Override
        public long now() {
            return SteadyClock.millis();
        }

        @Override
        public void after(long millis, Runnable task) {
            vertx.setTimer(millis, id -> task.run());
        }
    }
}
