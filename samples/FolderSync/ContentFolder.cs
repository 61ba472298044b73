using System.Security.Cryptography;
using Sks.Reconciliation;

namespace FolderSync;

/// <summary>The files of a folder and all below it as a set: an element is the first 16 bytes of the SHA-256 of a file's content.</summary>
internal sealed class ContentFolder
{
    private readonly string _path;
    private readonly Dictionary<Element, string> _names = [];

    private ContentFolder(string path) => _path = path;

    public IPartitionTree Tree => new PartitionTree(MemoryNodeStore.Build(_names.Keys, TreeShape.Default), TreeShape.Default);

    public static ContentFolder Read(string path)
    {
        var folder = new ContentFolder(path);
        foreach (string file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
        {
            using FileStream content = File.OpenRead(file);
            folder._names[Element.Read(SHA256.HashData(content))] = Path.GetRelativePath(path, file);
        }

        return folder;
    }

    /// <summary>Copies a content from another folder, under the same name; where that is taken by another content, its element is appended.</summary>
    public void Copy(ContentFolder source, Element element)
    {
        string name = source._names[element];
        string target = Path.Combine(_path, name);
        if (File.Exists(target))
            target += $".{element}";
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(Path.Combine(source._path, name), target);
    }
}
