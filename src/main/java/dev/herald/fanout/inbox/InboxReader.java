package dev.herald.fanout.inbox;

import dev.herald.bus.message.InboxMessage.Entry;
import dev.herald.bus.message.InboxMessage.InboxPage;
import dev.herald.bus.message.InboxMessage.PullInbox;
import dev.herald.bus.message.InboxMessage.ReadInbox;
import dev.herald.failure.HeraldException;
import dev.herald.fanout.inbox.Inboxes.Opened;
import dev.herald.model.Command;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads pages of an inbox with the commands that its pointers name. */
public final class InboxReader {
    static final int MAX_LIMIT = 10_000;

    /** Of the payloads of a page that is pulled, but for one … */
    static final long MAX_BYTES = 16 << 20;

    /** … and of one for a session, of which there may be many at once, and none has room for more. */
    static final long SESSION_BYTES = 1 << 20;

    private final Inboxes inboxes;
    private final Bodies bodies;
    private final Resyncs resyncs;
    private final FanoutMeters meters;

    public InboxReader(Inboxes inboxes, Bodies bodies, Resyncs resyncs, FanoutMeters meters) {
        this.inboxes = inboxes;
        this.bodies = bodies;
        this.resyncs = resyncs;
        this.meters = meters;
    }

    public Future<InboxPage> read(ReadInbox request) {
        return read(request, new Filling(request.limit(), SESSION_BYTES));
    }

    public Future<InboxPage> pull(PullInbox request) {
        String uid = request.uid();
        boolean isDevice = request.deviceFlag().isPresent();
        int flag = request.deviceFlag().orElse(Readers.PULL_FLAG);
        return (isDevice ? inboxes.open(uid, flag) : inboxes.position(uid)).compose(opened -> read(
                        new ReadInbox(uid, opened.cursor(), request.limit()), new Filling(request.limit(), MAX_BYTES))
                .compose(page -> give(uid, flag, opened, page)
                        .map(given -> told(page, opened, isDevice ? "new_device" : "expired"))));
    }

    private Future<Void> give(String uid, int flag, Opened opened, InboxPage page) {
        long end = page.more() ? page.entries().getLast().seq() : page.tail();
        return end > opened.cursor() || opened.fresh()
                ? inboxes.give(uid, flag, end, opened.fresh())
                : Future.succeededFuture();
    }

    /** Whoever lacks what was before it is told so first, beside the limit, as on a socket (promise C5). */
    private static InboxPage told(InboxPage page, Opened opened, String reason) {
        if (!opened.fresh()) {
            return page;
        }
        Entry resync = new Entry(opened.cursor(), Resyncs.unstored(reason));
        return new InboxPage(
                Stream.concat(Stream.of(resync), page.entries().stream()).toList(), page.tail(), page.more());
    }

    private Future<InboxPage> read(ReadInbox request, Filling page) {
        if (request.limit() < 1 || request.limit() > MAX_LIMIT) {
            return Future.failedFuture(HeraldException.invalid("limit", "must be from 1 to " + MAX_LIMIT));
        }
        return more(request, request.after(), page).onSuccess(full -> meters.readBehind(full.tail() - request.after()));
    }

    /** The highest command that is gone tells one occasion from another. */
    private Future<Void> tellGone(String uid, List<Pointer> gone) {
        return gone.isEmpty()
                ? Future.succeededFuture()
                : resyncs.insert(
                        Map.of(
                                uid,
                                Long.toString(gone.stream()
                                        .mapToLong(Pointer::commandId)
                                        .max()
                                        .orElseThrow())),
                        "expired");
    }

    /** Reads on while pointers without a command leave room. */
    private Future<InboxPage> more(ReadInbox request, long after, Filling page) {
        int wanted = request.limit() - page.entries.size();
        return inboxes.read(request.uid(), after, wanted).compose(found -> {
            List<Pointer> pointers = found.pointers();
            List<Long> ids = pointers.stream().map(Pointer::commandId).toList();
            return bodies.of(ids, page.room()).compose(commands -> {
                List<Pointer> gone = new ArrayList<>();
                long last = after;
                for (Pointer pointer : pointers) {
                    if (!page.take(pointer, commands, gone)) {
                        break;
                    }
                    last = pointer.seq();
                }
                boolean whole = pointers.isEmpty() || last == pointers.getLast().seq();
                boolean all = whole && pointers.size() < wanted;
                boolean ended = all || (whole ? page.isFull() : !page.entries.isEmpty());
                long next = last;
                return tellGone(request.uid(), gone)
                        .compose(told -> ended
                                ? Future.succeededFuture(new InboxPage(page.entries, found.tail(), !all))
                                : more(request, next, page));
            });
        });
    }

    /** A page as far as it is read. */
    private static final class Filling {
        private final int limit;
        private final long maxBytes;
        private final List<Entry> entries = new ArrayList<>();
        private long bytes;

        Filling(int limit, long maxBytes) {
            this.limit = limit;
            this.maxBytes = maxBytes;
        }

        long room() {
            return maxBytes - bytes;
        }

        boolean isFull() {
            return entries.size() == limit;
        }

        /** False if there is no room for it here. */
        boolean take(Pointer pointer, Bodies.Found commands, List<Pointer> gone) {
            Command command = commands.byId().get(pointer.commandId());
            if (command == null) {
                if (commands.left().contains(pointer.commandId())) {
                    return false;
                }
                gone.add(pointer);
            } else if (!command.isOver()) {
                int size = command.payload().size();
                if (!entries.isEmpty() && size > room()) {
                    return false;
                }
                entries.add(new Entry(pointer.seq(), command));
                bytes += size;
            }
            return true;
        }
    }
}
