package dev.herald.channel;

import dev.herald.command.CommandLog;
import dev.herald.command.NewCommand;
import dev.herald.failure.Failure;
import dev.herald.failure.HeraldException;
import dev.herald.model.ChannelKey;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One edit inside one transaction. It locks the channel's row first and touches one channel only, so changes of a channel
 * run one after the other and none can wait for another in a circle.
 */
final class ChannelChange {
    private static final String LOCK = ChannelRow.SELECT + " for update";
    private static final String UPDATE = """
            update channel set ban = $2, disband = $3, send_ban = $4, allow_stranger = $5, large = $6, attributes = $7,
                commands = $8, revision = $9, updated_at = now()
            where pk = $1""";

    private final SqlConnection tx;
    private final ChannelKey key;
    private final ChannelEdit edit;
    private final boolean tells;

    /** @param tells false if no change is told by commands, whatever the channel wants */
    ChannelChange(SqlConnection tx, ChannelKey key, ChannelEdit edit, boolean tells) {
        this.tx = tx;
        this.key = key;
        this.edit = edit;
        this.tells = tells;
    }

    /** Empty if there is no such channel and the edit makes none. */
    Future<Optional<Changed>> run() {
        return lock().compose(found -> {
            if (found.isPresent()) {
                return apply(found.get(), false).map(Optional::of);
            }
            return edit.creates() ? create().map(Optional::of) : Future.succeededFuture(Optional.empty());
        });
    }

    private Future<Optional<Channel>> lock() {
        return tx.preparedQuery(LOCK).execute(Tuple.of(key.id(), key.type())).map(ChannelRow::first);
    }

    private Future<Changed> create() {
        return NewChannels.create(tx, List.of(key), Optional.empty())
                .compose(made -> made.isEmpty()
                        ? lock().compose(madeByAnother -> apply(madeByAnother.orElseThrow(), false))
                        : apply(new Channel(made.getFirst(), key, ChannelInfo.NEW, 0), true));
    }

    private Future<Changed> apply(Channel channel, boolean created) {
        if (!edit.expected().test(channel.revision())) {
            return Future.failedFuture(new HeraldException(
                    Failure.PRECONDITION, "If-Match: the channel is at revision " + channel.revision()));
        }
        ChannelInfo info = edit.info().apply(channel.info());
        long revision = channel.revision() + 1;
        Future<Integer> moved = new MemberTable(tx, channel, revision).apply(edit.members());
        Future<Integer> listed = moved.compose(done -> new ListTable(tx, channel.pk()).apply(edit.listed()));
        return listed.compose(done -> {
            boolean infoChanged = !info.equals(channel.info()) || listed.result() > 0;
            boolean membersChanged = moved.result() > 0;
            if (!created && !infoChanged && !membersChanged) {
                return Future.succeededFuture(new Changed(channel.revision(), false));
            }
            // Nobody knew a new group before: that they are its members now says it all.
            boolean tellsInfo = infoChanged && (!created || key.isPerson());
            boolean isTold = tells && info.commands();
            return update(channel.pk(), info, revision)
                    .compose(updated ->
                            append(isTold ? commands(channel, revision, tellsInfo, membersChanged) : List.of()))
                    .map(ids -> new Changed(revision, true, ids));
        });
    }

    private Future<Void> update(long pk, ChannelInfo info, long revision) {
        ChannelFlags flags = info.flags();
        return tx.preparedQuery(UPDATE)
                .execute(Tuple.from(List.of(
                        pk,
                        flags.ban(),
                        flags.disband(),
                        flags.sendBan(),
                        flags.allowStranger(),
                        flags.large(),
                        info.attributes(),
                        info.commands(),
                        revision)))
                .mapEmpty();
    }

    private static List<NewCommand> commands(Channel channel, long revision, boolean info, boolean members) {
        List<NewCommand> commands = new ArrayList<>();
        if (info) {
            commands.add(ChangeCommands.channelUpdate(channel, revision));
        }
        if (members) {
            commands.add(ChangeCommands.memberUpdate(channel, revision));
        }
        return commands;
    }

    private Future<List<Long>> append(List<NewCommand> commands) {
        List<Long> ids = new ArrayList<>();
        Future<Void> appended = Future.succeededFuture();
        for (NewCommand command : commands) {
            appended = appended.compose(
                    done -> CommandLog.append(tx, command).onSuccess(ids::add).mapEmpty());
        }
        return appended.map(ids);
    }
}
