/**
 * dotnet runs nothing but .NET assemblies as its plug-ins (before .NET 9, and any since), so the user's own SDK builds
 * one that starts our command and hands it its input and output. What to start stands beside it, a word on each line.
 * Source: NuGet's documentation, "NuGet cross platform plugins".
 */

/** `{name}/{name}.dll` in here is found without any variable. Below the home folder. */
export const shimFolder = '.nuget/plugins/netcore/packyard'

/** For whatever SDK there is; what it makes runs on every later one. It needs no package, so it asks no source. */
export const shimProject = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <AssemblyName>packyard</AssemblyName>
    <TargetFramework>net$(BundledNETCoreAppTargetFrameworkVersion)</TargetFramework>
    <TargetFramework Condition="$(BundledNETCoreAppTargetFrameworkVersion) &lt; 5.0">netcoreapp$(BundledNETCoreAppTargetFrameworkVersion)</TargetFramework>
    <RollForward>LatestMajor</RollForward>
    <UseAppHost>false</UseAppHost>
    <RestoreSources>$(MSBuildThisFileDirectory)</RestoreSources>
    <NuGetAudit>false</NuGetAudit>
  </PropertyGroup>
</Project>
`

export const shimProgram = `using System;
using System.Diagnostics;
using System.IO;

static class Program
{
    static int Main(string[] arguments)
    {
        var words = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "command"));
        var start = new ProcessStartInfo(words[0]) { UseShellExecute = false };
        for (var index = 1; index < words.Length; index++) start.ArgumentList.Add(words[index]);
        using (var child = Process.Start(start))
        {
            child.WaitForExit();
            return child.ExitCode;
        }
    }
}
`
