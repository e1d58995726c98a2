package dev.herald.fanout;

import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.PullInbox;
import dev.herald.bus.message.InboxMessage.ReadInbox;
import dev.herald.failure.HeraldException;
import dev.herald.fanout.Inboxes.Opened;
import dev.herald.model.Command;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads pages of an inbox with the commands that its pointers name. */
final class InboxReader {
    static final int MAX_LIMIT = 10_000;

    private final Inboxes inboxes;
    private final Bodies bodies;
    private final Resyncs resyncs;
    private final FanoutMeters meters;

    InboxReader(Inboxes inboxes, Bodies bodies, Resyncs resyncs, FanoutMeters meters) {
        this.inboxes = inboxes;
        this.bodies = bodies;
        this.resyncs = resyncs;
        this.meters = meters;
    }

    Future<InboxPage> read(ReadInbox request) {
        return read(request, inboxes::read);
    }

    /** How pointers are read. */
    private interface Reading {
        Future<Inboxes.Pointers> read(String uid, long after, int limit);
    }

    private Future<InboxPage> read(ReadInbox request, Reading reading) {
        if (request.limit() < 1 || request.limit() > MAX_LIMIT) {
            return Future.failedFuture(HeraldException.invalid("limit", "must be from 1 to " + MAX_LIMIT));
        }
        return more(request, request.after(), new ArrayList<>(), reading)
                .onSuccess(page -> meters.readBehind(page.tail() - request.after()));
    }

    Future<InboxPage> pull(PullInbox request) {
        if (request.deviceFlag().isPresent()) {
            return inboxes.open(request.uid(), request.deviceFlag().getAsInt())
                    .compose(opened -> pull(request, opened, inboxes::read, "new_device"));
        }
        return inboxes.position(request.uid()).compose(opened -> pull(request, opened, inboxes::give, "expired"));
    }

    /** Whoever lacks what was before it is told so first, beside the limit, as on a socket (promise C5). */
    private Future<InboxPage> pull(PullInbox request, Opened opened, Reading reading, String reason) {
        Future<InboxPage> page = read(new ReadInbox(request.uid(), opened.cursor(), request.limit()), reading);
        return opened.fresh()
                ? page.map(read -> new InboxPage(
                        Stream.concat(
                                        Stream.of(new Entry(opened.cursor(), Resyncs.unstored(reason))),
                                        read.entries().stream())
                                .toList(),
                        read.tail()))
                : page;
    }

    /** The highest command that is gone tells one occasion from another. */
    private Future<Void> tellGone(String uid, List<Pointer> gone) {
        return gone.isEmpty()
                ? Future.succeededFuture()
                : resyncs.insert(
                        List.of(uid),
                        "expired",
                        Long.toString(gone.stream()
                                .mapToLong(Pointer::commandId)
                                .max()
                                .orElseThrow()));
    }

    /** Reads on while pointers without a command leave room, so that a short page means the end of the inbox. */
    private Future<InboxPage> more(ReadInbox request, long after, List<Entry> entries, Reading reading) {
        int wanted = request.limit() - entries.size();
        return reading.read(request.uid(), after, wanted).compose(found -> {
            List<Pointer> pointers = found.pointers();
            return bodies.of(pointers.stream().map(Pointer::commandId).toList()).compose(commands -> {
                List<Pointer> gone = new ArrayList<>();
                for (Pointer pointer : pointers) {
                    Command command = commands.get(pointer.commandId());
                    if (command == null) {
                        gone.add(pointer);
                    } else if (!command.isOver()) {
                        entries.add(new Entry(pointer.seq(), command));
                    }
                }
                boolean ended = pointers.size() < wanted || entries.size() == request.limit();
                return tellGone(request.uid(), gone)
                        .compose(told -> ended
                                ? Future.succeededFuture(new InboxPage(entries, found.tail()))
                                : more(request, pointers.getLast().seq(), entries, reading));
            });
        });
    }
}
