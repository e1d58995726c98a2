package dev.herald.api.channel;

import dev.herald.api.channel.ChannelChanges.Wanted;
import dev.herald.api.http.Call;
import dev.herald.api.http.Fields;
import dev.herald.api.http.Reply;
import dev.herald.api.http.Routes;
import dev.herald.channel.Attributes;
import dev.herald.channel.Changed;
import dev.herald.channel.Channel;
import dev.herald.channel.ChannelEdit;
import dev.herald.channel.ChannelFlags;
import dev.herald.channel.ChannelInfo;
import dev.herald.channel.Channels;
import dev.herald.channel.MemberEdit;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.ChannelKey;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Channels and their flags as WuKongIM's back ends set them (wukong-interfaces section 3.3), and a way to read them. */
final class ChannelRoutes {
    private final Channels channels;
    private final ChannelChanges changes;

    ChannelRoutes(Channels channels, ChannelChanges changes) {
        this.channels = channels;
        this.changes = changes;
    }

    void mount(Routes routes) {
        routes.post("/channel", call -> changes.makeOk(call, ChannelRoutes::create));
        routes.post("/channel/info", call -> changes.makeOk(call, ChannelRoutes::overwrite));
        routes.post("/channel/delete", call -> changes.makeOk(call, ChannelRoutes::delete));
        routes.get("/channel/info", this::show);
        routes.patch("/channel/info", this::patch);
    }

    /** Flags are overwritten, members added; {@code reset} makes the subscribers the only members. */
    private static Wanted create(Fields fields) {
        ChannelKey key = ChannelName.key(fields);
        ChannelFlags flags = ChannelFields.flags(fields);
        UnaryOperator<ChannelInfo> commands = ChannelFields.commands(fields);
        Set<String> subscribers = ChannelFields.subscribers(fields);
        if (key.isPerson() && !subscribers.isEmpty()) {
            fields.refuse("subscribers", "must be empty: a person channel (type 1) has no members");
        }
        MemberEdit members = ChannelFields.joining(fields, List.copyOf(subscribers));
        return new Wanted(key, ChannelEdit.upsert(info -> commands.apply(info).with(flags), members));
    }

    /** An omitted flag becomes 0; omitted attributes stay, and so does the switch of the commands. */
    private static Wanted overwrite(Fields fields) {
        ChannelKey key = ChannelName.withFlags(fields);
        ChannelFlags flags = ChannelFields.flags(fields);
        UnaryOperator<ChannelInfo> commands = ChannelFields.commands(fields);
        Optional<JsonObject> attributes = ChannelFields.attributes(fields);
        return new Wanted(
                key,
                ChannelEdit.upsert(
                        info -> commands.apply(info).with(flags).with(attributes.orElse(info.attributes())),
                        MemberEdit.KEEP));
    }

    /** Nobody may write there any more; members and history stay. An unknown channel is none to begin with. */
    private static Wanted delete(Fields fields) {
        ChannelKey key = ChannelName.withMembers(fields);
        return new Wanted(key, ChannelEdit.update(info -> info.with(info.flags().disbanded()), MemberEdit.KEEP));
    }

    /** Beyond WuKongIM: changes only what is named, and on demand only the revision that the caller has seen. */
    private Future<Reply> patch(Call call) {
        Wanted wanted = call.read(ChannelRoutes::patched);
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

    private static Wanted patched(Fields fields) {
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

    private Future<Reply> show(Call call) {
        ChannelKey key = call.readQuery(ChannelName::withFlags);
        return channels.find(key).map(found -> {
            Channel channel = found.orElseThrow(ChannelRoutes::unknown);
            boolean known = Etag.isKnown(call.header("If-None-Match"), channel.revision());
            return Etag.on(known ? Reply.notModified() : Reply.bare(json(channel)), channel.revision());
        });
    }

    static HeraldException unknown() {
        return new HeraldException(Failure.NOT_FOUND, "channel_id: no such channel");
    }

    static JsonObject json(Channel channel) {
        ChannelFlags flags = channel.info().flags();
        return new JsonObject()
                .put("channel_id", channel.key().id())
                .put("channel_type", channel.key().type())
                .put("ban", Reply.bit(flags.ban()))
                .put("disband", Reply.bit(flags.disband()))
                .put("send_ban", Reply.bit(flags.sendBan()))
                .put("allow_stranger", Reply.bit(flags.allowStranger()))
                .put("large", Reply.bit(flags.large()))
                .put("commands", Reply.bit(channel.info().commands()))
                .put("attributes", channel.info().attributes())
                .put("revision", channel.revision());
    }
}
