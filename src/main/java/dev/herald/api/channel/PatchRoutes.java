package dev.herald.api.channel;

import dev.herald.api.channel.ChannelChanges.Wanted;
import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.channel.Attributes;
import dev.herald.channel.Changed;
import dev.herald.channel.ChannelEdit;
import dev.herald.channel.ChannelFlags;
import dev.herald.channel.ChannelInfo;
import dev.herald.channel.MemberEdit;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.ChannelKey;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Beyond WuKongIM: changes only what is named, and on demand only the revision that the caller has seen. */
final class PatchRoutes {
    private final ChannelChanges changes;

    PatchRoutes(ChannelChanges changes) {
        this.changes = changes;
    }

    void mount(Routes routes) {
        routes.patch("/channel/info", this::patch);
    }

    private Future<Reply> patch(Call call) {
        Wanted wanted = call.read(PatchRoutes::wanted);
        String condition = call.header("If-Match");
        if (condition == null) {
            return changes.make(call, wanted, done -> reply(done.orElseThrow(ChannelRoutes::unknown)));
        }
        ChannelEdit edit = wanted.edit().onlyIf(revision -> Etag.matches(condition, revision));
        return changes.make(
                call,
                new Wanted(wanted.key(), edit),
                done -> reply(done.orElseThrow(
                        () -> new HeraldException(Failure.PRECONDITION, "If-Match: there is no such channel"))));
    }

    private static Wanted wanted(Fields fields) {
        ChannelKey key = ChannelName.withFlags(fields);
        UnaryOperator<ChannelFlags> flags = ChannelFields.flagPatch(fields);
        UnaryOperator<ChannelInfo> commands = ChannelFields.commands(fields);
        Optional<JsonObject> attributes = fields.objectIfGiven("attributes");
        UnaryOperator<JsonObject> merge =
                old -> attributes.map(patch -> Attributes.merge(old, patch)).orElse(old);
        return new Wanted(
                key,
                ChannelEdit.update(
                        info -> commands.apply(info)
                                .with(flags.apply(info.flags()))
                                .with(merge.apply(info.attributes())),
                        MemberEdit.KEEP));
    }

    private static Reply reply(Changed changed) {
        return Etag.on(Reply.data(JsonObject.of("revision", changed.revision())), changed.revision());
    }
}
