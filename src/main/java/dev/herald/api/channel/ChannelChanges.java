package dev.herald.api.channel;

import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.bus.Addresses;
import dev.herald.bus.Bus;
import dev.herald.bus.message.Done;
import dev.herald.channel.Changed;
import dev.herald.channel.ChannelEdit;
import dev.herald.channel.Channels;
import dev.herald.model.ChannelKey;
import dev.herald.trail.Trail;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;

/** Changes a channel, then wakes the fan-out for the commands that went with the change. */
final class ChannelChanges {
    private final Channels channels;
    private final Bus bus;
    private final Trail trail;

    ChannelChanges(Channels channels, Bus bus, Trail trail) {
        this.channels = channels;
        this.bus = bus;
        this.trail = trail;
    }

    /** What a request asks to be changed. */
    record Wanted(ChannelKey key, ChannelEdit edit) {}

    /** The same answer whether or not there was anything to change, as WuKongIM gives it. */
    Future<Reply> makeOk(Call call, Function<Fields, Wanted> form) {
        return make(call, call.read(form), done -> Reply.ok());
    }

    /** @param form of the answer to what was done, which is nothing if there is no such channel and the edit makes none */
    Future<Reply> make(Call call, Wanted wanted, Function<Optional<Changed>, Reply> form) {
        record Made(Optional<Changed> done, Reply reply) {}
        long at = System.currentTimeMillis();
        return channels.change(wanted.key, wanted.edit, (tx, done) -> call.noted(tx, form.apply(done))
                        .map(reply -> new Made(done, reply)))
                .onSuccess(made -> made.done.ifPresent(changed -> {
                    changed.commands().forEach(id -> trail.requested(at, id, call.id()));
                    if (changed.changed()) {
                        bus.tell(Addresses.COMMANDS_PENDING, Done.DONE);
                    }
                }))
                .map(Made::reply);
    }
}
